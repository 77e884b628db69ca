// The typed errors (D16), and any thrown value as plain text.
const MAX_TEXT = 2000;
const MAX_STACK = 4000;
const HEADER_LINES = 2; // that V8 puts before the body of a function made from text
const OUTCOMES = {
  __proto__: null,
  EventNotSupported: "not_supported",
  InvalidEventPayload: "invalid_payload",
  ValidationError: "validation_error",
  RetryError: "retry",
  FetchLimit: "limit",
};

function makeError(name) {
  const made = { [name]: class extends Error {} }[name];
  Object.defineProperty(made.prototype, "name", { value: name, writable: true, configurable: true });
  return made;
}

export const errorClasses = {
  EventNotSupported: makeError("EventNotSupported"),
  InvalidEventPayload: makeError("InvalidEventPayload"),
  ValidationError: makeError("ValidationError"),
  RetryError: makeError("RetryError"),
};
export const FetchLimit = makeError("FetchLimit");

function attempt(read, otherwise) {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

function asText(value) {
  return typeof value === "string" ? value : attempt(() => String(value), "");
}

function typedBy(error) {
  for (const [name, made] of Object.entries(errorClasses)) if (attempt(() => error instanceof made, false)) return name;
  return null;
}

function nameOf(error) {
  return attempt(() => asText(error.name), "") || "Error";
}

function messageOf(error) {
  const message = attempt(() => error.message, undefined);
  if (message !== undefined) return asText(message);
  return attempt(() => JSON.stringify(error), "") ?? asText(error);
}

function userLines(stack) {
  if (typeof stack !== "string") return "";
  const lines = stack.slice(0, MAX_STACK).split("\n");
  return lines.filter((line) => /^\s+at .*\bfunction\.js:\d+:\d+/.test(line)).join("\n");
}

/** {outcome, name, message, stack} of whatever was thrown, which may be an object that fights back. */
export function describeError(error) {
  const isObject = (typeof error === "object" || typeof error === "function") && error !== null;
  if (!isObject) return { outcome: "error", name: "Error", message: asText(error).slice(0, MAX_TEXT), stack: "" };
  const name = (typedBy(error) ?? nameOf(error)).slice(0, 200);
  const message = messageOf(error).slice(0, MAX_TEXT);
  const isMemory = name === "RangeError" && message === "Array buffer allocation failed";
  const outcome = isMemory ? "limit" : (OUTCOMES[name] ?? "error");
  return { outcome, name, message, stack: attempt(() => userLines(error.stack), "") };
}

function place(site) {
  const where = `function.js:${site.getLineNumber() - HEADER_LINES}:${site.getColumnNumber()}`;
  const name = site.getFunctionName();
  const isTopLevel = name === null || name === "anonymous" || name === "eval";
  return isTopLevel ? `    at ${where}` : `    at ${name} (${where})`;
}

/** Stacks show the function's own lines, numbered as its author sees them. */
export function prepareStackTrace(error, sites) {
  const own = sites.filter((site) => site.getScriptNameOrSourceURL() === "function.js" && site.getLineNumber() > HEADER_LINES);
  const head = attempt(() => `${nameOf(error)}: ${messageOf(error)}`.slice(0, MAX_TEXT), "Error");
  return [head, ...own.map(place)].join("\n");
}
