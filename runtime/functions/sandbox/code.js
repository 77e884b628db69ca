// The function's code: compiled once, called anew for every event, so that its variables start afresh each time (D19).
import { describeError } from "./errors.js";

const HANDLERS = ["onIdentify", "onTrack", "onPage", "onScreen", "onGroup", "onAlias", "onDelete", "onBatch"];
const OLDEST = { onIdentify: "identify", onTrack: "track", onPage: "page", onScreen: "screen", onGroup: "group", onAlias: "alias" };
const OLD_SHAPE = "processEvents";
const DECLARED = [...HANDLERS, ...Object.values(OLDEST)];
const NAMES = [...DECLARED, OLD_SHAPE];
const KNOWN = new Set(NAMES);
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

/** Runs the top level. Gives a function that finds a handler: what the code declared counts before what it exports. */
async function evaluate(factory) {
  const module = { exports: {} };
  const exports = module.exports;
  const declared = await factory(exports, module);
  return (name) => {
    if (!KNOWN.has(name)) return undefined; // an event's type may be anything
    return handlerOf(declared, name) ?? handlerOf(module.exports, name) ?? handlerOf(exports, name);
  };
}

/** Read with care: the object is the code's own, with getters perhaps. */
function handlerOf(object, name) {
  if (object === null || (typeof object !== "object" && typeof object !== "function")) return undefined;
  const value = object[name];
  return typeof value === "function" ? value : undefined;
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
  const find = await evaluate(factory);
  const method = find(handler) ?? find(OLDEST[handler]);
  if (method) return { value: await method(event, settings) };
  const oldShape = handler === "onBatch" ? undefined : find(OLD_SHAPE);
  return oldShape ? await callOldShape(oldShape, event, settings) : { missing: true };
}

/** The names of the handlers that there are, in the order of D15. */
export async function outline(factory) {
  const find = await evaluate(factory);
  return { value: NAMES.filter((name) => find(name)) };
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
