// Code that changes something for its next run: the second run (event.step 2) must find nothing and return "clean".

// --- a variable of the function
let seen = 0;
async function onTrack() { seen += 1; return seen === 1 ? "clean" : "ESCAPED"; }
// --- a global
async function onTrack(event) { if (event.step === 2) return typeof left === "undefined" ? "clean" : "ESCAPED"; left = 1; return "held"; }
// --- a global that cannot be deleted
async function onTrack(event) { if (event.step === 2) return typeof globalThis.left === "undefined" ? "clean" : "ESCAPED"; Object.defineProperty(globalThis, "left", { value: 1 }); return "held"; }
// --- a property of a built-in
async function onTrack(event) { if (event.step === 2) return [].left || "".left || _.left || fetch.left || crypto.left ? "ESCAPED" : "clean"; for (const o of [Array.prototype, String.prototype, _, fetch, crypto]) o.left = 1; return "held"; }
// --- lodash's settings
async function onTrack(event) { if (event.step === 2) return _.template("<%= 1 %>")() === "1" && !_.mixed ? "clean" : "ESCAPED"; try { _.templateSettings.interpolate = /x/; } catch {} try { _.mixin({ mixed() {} }); } catch {} return "held"; }
// --- a timer that goes on
async function onTrack(event) { if (event.step === 2) { await new Promise((r) => setTimeout(r, 50)); return typeof left === "undefined" ? "clean" : "ESCAPED"; } setInterval(() => { left = 1; }, 1); return "held"; }
// --- a fetch nobody waits for
async function onTrack(event) { if (event.step === 2) { await new Promise((r) => setTimeout(r, 30)); return typeof left === "undefined" ? "clean" : "ESCAPED"; } fetch(event.canary).catch(() => { left = 1; }); return "held"; }
// --- the function's own function
async function onTrack(event) { const own = onTrack.self ?? 0; if (event.step === 2) return own ? "ESCAPED" : "clean"; onTrack.self = 1; return "held"; }
// --- the wrapper around the code
const before = arguments.callee.left;
arguments.callee.left = 1;
async function onTrack() { return before ? "ESCAPED" : "clean"; }
// --- the last match of a regular expression
async function onTrack(event) { if (event.step === 2) return String(RegExp.lastMatch ?? RegExp["$&"] ?? RegExp.$1).includes("secret") ? "ESCAPED" : "clean"; /secret/.test("secret"); return "held"; }
// --- the prototype of the global object
async function onTrack(event) { if (event.step === 2) return typeof left === "undefined" ? "clean" : "ESCAPED"; Object.setPrototypeOf(globalThis, { left: 1 }); return "held"; }
// --- settings kept for later
async function onTrack(event, settings) { if (event.step === 2) return globalThis.kept ? "ESCAPED" : "clean"; globalThis.kept = settings; return "held"; }
// --- a hidden prototype
async function onTrack(event) { const proto = Object.getPrototypeOf(Object.getPrototypeOf((function* () {})())); if (event.step === 2) return proto.left ? "ESCAPED" : "clean"; try { proto.left = 1; } catch {} return "held"; }
// --- the global made fixed
async function onTrack(event) { if (event.step === 2) return "clean"; Object.preventExtensions(globalThis); return "held"; }
// --- Buffer's pool size
async function onTrack(event) { if (event.step === 2) return Buffer.poolSize === 1 ? "ESCAPED" : "clean"; try { Buffer.poolSize = 1; } catch {} return "held"; }
