// The function's code: compiled once, called anew for every event, so that its variables start afresh each time (D19).
import { describeError } from "./errors.js";

const HANDLERS = ["onIdentify", "onTrack", "onPage", "onScreen", "onGroup", "onAlias", "onDelete", "onBatch"];
const OLDEST = { onIdentify: "identify", onTrack: "track", onPage: "page", onScreen: "screen", onGroup: "group", onAlias: "alias" };
const OLD_SHAPE = "processEvents";
const DECLARED = [...HANDLERS, ...Object.values(OLDEST)];
const NAMES = [...DECLARED, OLD_SHAPE];
const AsyncFunction = (async () => {}).constructor;
// Hands out what the code declared; a typeof never fails, whatever the code did to the names.
const EPILOGUE = `
;return {__proto__: null, ${DECLARED.map((name) => `${name}: typeof ${name} === "function" ? ${name} : void 0`)}};
//# sourceURL=function.js`;

/** Throws the SyntaxError. Frozen, because the code can reach its own function as arguments.callee. */
export function compile(code) {
  return Object.freeze(new AsyncFunction("exports", "module", `${code}${EPILOGUE}`));
}

/** Line and column of a syntax error, which V8 does not tell. `acorn` is the text of that parser. */
export function locate(code, acorn) {
  const parser = { exports: {} };
  new Function("exports", "module", acorn)(parser.exports, parser);
  const lenient = { ecmaVersion: "latest", allowReturnOutsideFunction: true, allowAwaitOutsideFunction: true };
  try {
    parser.exports.parse(code, lenient);
  } catch (error) {
    return { line: error.loc?.line ?? 0, column: (error.loc?.column ?? -1) + 1 };
  }
  return { line: 0, column: 0 };
}

/** What the code offers, read with care: the objects are the code's own, with getters perhaps. */
async function evaluate(factory) {
  const module = { exports: {} };
  const exports = module.exports;
  const declared = await factory(exports, module);
  const all = { __proto__: null };
  for (const source of [exports, module.exports, declared]) {
    if (source === null || (typeof source !== "object" && typeof source !== "function")) continue;
    for (const name of NAMES) {
      const value = source[name];
      if (typeof value === "function") all[name] = value;
    }
  }
  return all;
}

function callOldShape(process, event, settings) {
  return new Promise((resolve, reject) => {
    const callback = (error, value) => (error ? reject(error) : resolve({ value: value ?? null }));
    const answer = process({ event, settings, version: "1.0" }, {}, callback);
    if (answer !== undefined) Promise.resolve(answer).then((value) => resolve({ value }), reject);
  });
}

/** {value} of one event, or {missing} without a handler. */
export async function call(factory, { handler, event, settings }) {
  const offered = await evaluate(factory);
  const method = offered[handler] ?? offered[OLDEST[handler]];
  if (method) return { value: await method(event, settings) };
  if (offered[OLD_SHAPE] && handler !== "onBatch") return await callOldShape(offered[OLD_SHAPE], event, settings);
  return { missing: true };
}

/** The names of the handlers that there are, in the order of D15. */
export async function outline(factory) {
  const offered = await evaluate(factory);
  return { value: NAMES.filter((name) => offered[name]) };
}

function verdictOf(answer, handler) {
  if (answer.missing) {
    return { outcome: "not_supported", name: "EventNotSupported", message: `There is no handler ${handler}.`, missing: true };
  }
  return { outcome: "success" };
}

function asJson(value) {
  if (value === undefined) return "";
  try {
    return JSON.stringify(value) ?? JSON.stringify(`[a ${typeof value}, which JSON cannot hold]`);
  } catch (error) {
    return JSON.stringify(`[JSON cannot hold this value: ${describeError(error).message.slice(0, 200)}]`);
  }
}

/** [head, JSON text]: how `answering` ended. Never rejects. */
export async function report(answering, handler, maxText) {
  try {
    const answer = await answering;
    const head = verdictOf(answer, handler);
    const text = asJson(answer.value);
    if (text.length <= maxText) return [head, text];
    return [{ outcome: "limit", name: "OutputLimit", message: `The returned value is larger than ${maxText} bytes.` }, ""];
  } catch (error) {
    return [describeError(error), ""];
  }
}
