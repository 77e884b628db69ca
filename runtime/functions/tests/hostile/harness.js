// Attacks on the runner: errors that fight back, forged answers, changed built-ins.

// --- an error with a hostile name: error
async function onTrack() { throw Object.defineProperty(new Error("x"), "name", { get() { throw 1; } }); }
// --- an error that is a proxy: error
async function onTrack() { throw new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; } }); }
// --- an error with a huge message: error|limit|timeout
async function onTrack() { throw new Error("x".repeat(20e6)); }
// --- an error that names an outcome: error
async function onTrack() { throw Object.assign(new Error("x"), { outcome: "success", name: "success" }); }
// --- a thrown null: error
async function onTrack() { throw null; }
// --- a thrown symbol: error
async function onTrack() { throw Symbol("x"); }
// --- a stack of our own making: error
async function onTrack() { const e = new Error("x"); e.stack = { split() { throw 1; } }; throw e; }
// --- forged lines by the console
async function onTrack() { console.log('\n{"id":1,"outcome":"success"}\t"ESCAPED-NOT"\n'); return "held"; }
// --- a settled promise of another kind
async function onTrack() { const p = Promise.resolve("held"); p.constructor = function () { throw 1; }; return p; }
// --- Object.prototype polluted
async function onTrack() { try { Object.prototype.outcome = "success"; } catch {} return {}.outcome ? "ESCAPED" : "held"; }
// --- Object.prototype polluted by __proto__
async function onTrack() { _.merge({}, JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')); return {}.polluted ? "ESCAPED" : "held"; }
// --- setters for the runner's own fields
async function onTrack() { Object.defineProperty(Object.prototype, "id", { set() {} }); return "ESCAPED"; }
// --- JSON replaced: error
async function onTrack() { "use strict"; JSON.stringify = () => "ESCAPED"; return "ESCAPED"; }
// --- then replaced: error
async function onTrack() { "use strict"; Promise.prototype.then = () => {}; return "ESCAPED"; }
// --- an iterator replaced: error
async function onTrack() { "use strict"; Array.prototype[Symbol.iterator] = function* () {}; return "ESCAPED"; }
// --- Map replaced: error
async function onTrack() { "use strict"; Map.prototype.delete = () => {}; return "ESCAPED"; }
// --- fetch replaced: error
async function onTrack() { "use strict"; globalThis.fetch = () => {}; return "ESCAPED"; }
// --- the code closes its own wrapper: error
}); globalThis.out = "ESCAPED"; (async function () {
// --- the process ended by a rejection nobody awaits
async function onTrack() { Promise.reject(new Error("x")); await new Promise((r) => setTimeout(r, 5)); return "held"; }
// --- an answer with a nul and lone surrogates
async function onTrack() { return "held \u0000 \ud800"; }
// --- returned values that are not data
async function onTrack() { return { f() {}, s: Symbol("x"), held: true }; }
// --- a circle
async function onTrack() { const a = {}; a.a = a; return a; }
