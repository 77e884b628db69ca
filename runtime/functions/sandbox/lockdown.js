// Freeze everything that one run could change for the next: all that can be reached from the globals, and from the
// language's syntax. Must run before the function's code does.

// Where an ordinary assignment must still make a property of its own on an object that inherits from one of these
// (`this.name = …` in an error class, `made.toString = …`): a frozen plain property would forbid it.
const INHERITED = [Object.prototype, Function.prototype, Error.prototype];
const ERRORS = [TypeError, RangeError, SyntaxError, ReferenceError, URIError, EvalError, AggregateError];
const OWN_ERRORS = ["EventNotSupported", "InvalidEventPayload", "ValidationError", "RetryError"];

function allowOverride(prototype) {
  for (const key of Reflect.ownKeys(prototype)) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, key);
    if (!("value" in descriptor) || !descriptor.configurable || typeof key === "symbol") continue;
    const { value, enumerable } = descriptor;
    Object.defineProperty(prototype, key, {
      enumerable,
      configurable: false,
      get: () => value,
      set(replacement) {
        if (this === prototype) throw new TypeError(`${String(key)} of a built-in object cannot be changed.`);
        Object.defineProperty(this, key, { value: replacement, writable: true, enumerable: true, configurable: true });
      },
    });
  }
}

/** Built-in objects that no global names. */
function hidden() {
  const generator = (function* () {})();
  const asyncGenerator = (async function* () {})();
  return [
    generator, asyncGenerator, async () => {}, function* () {}, async function* () {},
    [][Symbol.iterator](), new Map()[Symbol.iterator](), new Set()[Symbol.iterator](), ""[Symbol.iterator](),
    "".matchAll(/a/g), new Headers().entries(), new URLSearchParams().entries(), new FormData().entries(),
    [].values().map(String), Iterator.from({ next() {} }), new Intl.Segmenter().segment("a"),
    new Intl.Segmenter().segment("a")[Symbol.iterator](), new ReadableStream().getReader(), new ReadableStream().values(),
    new WritableStream().getWriter(), (function () { return arguments; })(), Promise.resolve(),
  ].map((object) => Object.getPrototypeOf(object));
}

function freezeAll(roots) {
  const seen = new Set([globalThis]);
  const left = [...roots];
  const visit = (value) => {
    if ((typeof value === "object" || typeof value === "function") && value !== null && !seen.has(value)) {
      seen.add(value);
      left.push(value);
    }
  };
  while (left.length) {
    const object = left.pop();
    if (!ArrayBuffer.isView(object)) Object.freeze(object);
    visit(Object.getPrototypeOf(object));
    for (const key of Reflect.ownKeys(object)) {
      const { value, get, set } = Object.getOwnPropertyDescriptor(object, key);
      visit(value);
      visit(get);
      visit(set);
    }
  }
}

export function lockDown() {
  const errors = [...ERRORS, ...OWN_ERRORS.map((name) => globalThis[name])].map((made) => made.prototype);
  for (const prototype of [...INHERITED, ...errors]) allowOverride(prototype);
  const globals = Reflect.ownKeys(globalThis).map((key) => globalThis[key]);
  const isObject = (value) => (typeof value === "object" || typeof value === "function") && value !== null;
  freezeAll([...globals.filter((value) => isObject(value) && value !== globalThis), ...hidden()]);
}
