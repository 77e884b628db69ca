// What a function finds in its world: the language, the built-ins of D18, and nothing of Deno.
import lodashText from "../vendor/lodash.min.js" with { type: "text" }; // as a module it would take Deno 40 ms to read
import { makeCache } from "./cache.js";
import { quietCrypto } from "./crypto.js";
import { errorClasses, prepareStackTrace } from "./errors.js";

// Left out on purpose: Deno, process, Worker, WebSocket, WebAssembly, SharedArrayBuffer, Atomics, WeakRef,
// FinalizationRegistry, MessageChannel, storage, navigator: ways out, ways around a limit, or ways into the next run.
const LANGUAGE = `
  Object Function Array Number Boolean String Symbol Date Promise RegExp Error AggregateError EvalError RangeError
  ReferenceError SyntaxError TypeError URIError JSON Math Intl ArrayBuffer DataView Int8Array Uint8Array
  Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float16Array Float32Array Float64Array BigInt64Array
  BigUint64Array Map Set WeakMap WeakSet BigInt Proxy Reflect Iterator parseFloat parseInt isNaN isFinite NaN Infinity
  undefined decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape eval globalThis`;
const WEB = `
  Request Response Headers URL URLSearchParams FormData Blob File ReadableStream TransformStream WritableStream
  TextEncoder TextDecoder AbortController AbortSignal DOMException Event EventTarget atob btoa structuredClone`;
const KEPT = new Set(`${LANGUAGE} ${WEB}`.trim().split(/\s+/));
const CONSOLE = { debug: "debug", trace: "debug", info: "info", log: "log", dir: "log", table: "log", warn: "warn", error: "error" };
const QUIET = ["group", "groupEnd", "groupCollapsed", "time", "timeEnd", "timeLog", "count", "countReset", "clear"];
const LAST_MATCH = ["input", "$_", "lastMatch", "$&", "lastParen", "$+", "leftContext", "$`", "rightContext", "$'"];

function pick(source, names) {
  return Object.fromEntries(names.split(" ").map((name) => [name, source[name]]));
}

function modules(node, lodash, crypto) {
  const url = pick(node.url, "parse format resolve URL URLSearchParams domainToASCII domainToUnicode");
  const querystring = pick(node.querystring, "parse stringify escape unescape decode encode");
  const util = {
    ...pick(node.util, "promisify format isDeepStrictEqual inherits deprecate TextEncoder TextDecoder"),
    inspect: (value, options) => node.util.inspect(value, options), // the original has settings that would last
  };
  return { __proto__: null, crypto, lodash, url, util, querystring, buffer: { Buffer: node.Buffer } };
}

function makeRequire(available) {
  const names = Object.keys(available).join(", ");
  return function require(name) {
    const found = available[String(name).replace(/^node:/, "")];
    if (found) return found;
    throw new Error(`There is no module ${String(name).slice(0, 100)} here. A function can require: ${names}.`);
  };
}

function makeAws() {
  const get = (_, name) => {
    if (typeof name === "symbol") return undefined;
    throw new Error(`AWS.${name} is not part of this runtime. Call the service's HTTP API with fetch.`);
  };
  return new Proxy({}, { get });
}

function makeConsole(print) {
  const methods = Object.entries(CONSOLE).map(([name, level]) => [name, (...args) => print(level, args)]);
  const quiet = QUIET.map((name) => [name, () => {}]);
  const assert = (holds, ...args) => holds || print("error", ["Assertion failed:", ...args]);
  return { ...Object.fromEntries([...methods, ...quiet]), assert };
}

function dropWaysAround(timers) {
  // What the last match of a regular expression was would tell the next run about this one.
  for (const name of LAST_MATCH) delete RegExp[name];
  for (let group = 1; group < 10; group++) delete RegExp[`$${group}`];
  delete URL.createObjectURL;
  delete URL.revokeObjectURL;
  AbortSignal.timeout = (delay) => {
    const controller = new AbortController();
    timers.setTimeout(() => controller.abort(new DOMException("Signal timed out.", "TimeoutError")), delay);
    return controller.signal;
  };
}

function reportRejections(print) {
  const listen = globalThis.addEventListener.bind(globalThis);
  listen("unhandledrejection", (event) => {
    event.preventDefault();
    print("error", ["Nobody waited for this error:", event.reason]);
  });
  listen("error", (event) => {
    event.preventDefault();
    print("error", ["Uncaught:", event.error]);
  });
}

/** From here on a global of ours cannot be replaced; the function may add its own, which go after the run. */
function fixGlobals() {
  for (const key of Reflect.ownKeys(globalThis)) {
    Object.defineProperty(globalThis, key, { value: globalThis[key], writable: false, configurable: false });
  }
}

/** Ours instead of Deno's. Gives the function that clears up between two runs. */
export function installGlobals({ node, fetch, now, print, timers }) {
  new Function(lodashText)();
  const lodash = globalThis._;
  const crypto = quietCrypto(node.crypto, globalThis.crypto);
  reportRejections(print);
  dropWaysAround(timers);
  for (const key of Reflect.ownKeys(globalThis)) if (!KEPT.has(key)) delete globalThis[key];
  Object.assign(globalThis, timers, errorClasses, {
    _: lodash,
    crypto,
    fetch: (input, init) => fetch(input, init),
    queueMicrotask: (callback) => void Promise.resolve().then(() => callback()), // Deno's replaces itself when first used
    AWS: makeAws(),
    Buffer: node.Buffer,
    cache: makeCache(),
    console: makeConsole(print),
    require: makeRequire(modules(node, lodash, crypto)),
    performance: { now },
    global: globalThis,
  });
  Object.defineProperty(Error, "prepareStackTrace", { value: prepareStackTrace });
  Object.setPrototypeOf(globalThis, Object.prototype);
  fixGlobals();
  return makeCleaner();
}

/** A function that takes away the globals a run left; true when it cannot: then this process runs nothing more. */
function makeCleaner() {
  const known = new Set(Reflect.ownKeys(globalThis));
  return () => {
    if (Object.getPrototypeOf(globalThis) !== Object.prototype || !Object.isExtensible(globalThis)) return true;
    const keys = Reflect.ownKeys(globalThis);
    return keys.length !== known.size && keys.some((key) => !known.has(key) && !Reflect.deleteProperty(globalThis, key));
  };
}
