// The parts of Node that the runner needs. The import map (imports.json) lets this module alone have them, and it gives
// them away once: a function that imports it, or any `node:` module, gets nothing.
import crypto from "node:crypto";
import querystring from "node:querystring";
import url from "node:url";
import util from "node:util";
import { Buffer } from "node:buffer";

let given = false;

export function take() {
  if (given) throw new Error("These modules are not part of this runtime.");
  given = true;
  return { crypto, querystring, url, util, Buffer };
}
