// Ways out of the function. A body that gets through returns "ESCAPED …". event.path is a file with a secret.

// --- constructor of a built-in
async function onTrack() { const g = fetch.constructor("return globalThis")(); return g.Deno || g.process ? "ESCAPED" : "held"; }
// --- constructor of this
async function onTrack() { return (function () { return this; })().constructor.constructor("return typeof Deno")() === "undefined" ? "held" : "ESCAPED"; }
// --- Deno by name
async function onTrack(event) { return "ESCAPED " + Deno.readTextFileSync(event.path); }
// --- process and its binding
async function onTrack() { return "ESCAPED " + process.binding("fs"); }
// --- environment by every name
async function onTrack() { for (const g of [globalThis.process, globalThis.Deno, require("util").process]) if (g?.env) return "ESCAPED " + JSON.stringify(g.env); return "held"; }
// --- import node fs
async function onTrack(event) { const fs = await import("node:fs"); return "ESCAPED " + fs.readFileSync(event.path, "utf8"); }
// --- import node process
async function onTrack() { const p = await import("node:process"); return "ESCAPED " + p.default.pid; }
// --- import node child_process
async function onTrack() { const c = await import("node:child_process"); return "ESCAPED " + c.execSync("id"); }
// --- import node worker_threads
async function onTrack() { const { Worker } = await import("node:worker_threads"); new Worker("for(;;);", { eval: true }); return "ESCAPED"; }
// --- import node vm
async function onTrack() { const vm = await import("node:vm"); return "ESCAPED " + vm.runInNewContext("1"); }
// --- import a file as text
async function onTrack(event) { const t = await import(event.path, { with: { type: "text" } }); return "ESCAPED " + t.default; }
// --- import a literal file as text
async function onTrack() { const t = await import("/etc/passwd", { with: { type: "text" } }); return "ESCAPED " + t.default; }
// --- import a file as json through data
async function onTrack() { const t = await import("data:text/javascript,import t from '/etc/hostname' with {type:'text'}; export default t"); return "ESCAPED " + t.default; }
// --- import node through data
async function onTrack() { const t = await import("data:text/javascript,import fs from 'node:fs'; export default fs.readdirSync('/')"); return "ESCAPED " + t.default; }
// --- import from the internet
async function onTrack() { const t = await import("https://example.com/x.js"); return "ESCAPED " + t; }
// --- import a package
async function onTrack() { const t = await import("npm:lodash"); return "ESCAPED " + t; }
// --- our own modules again
async function onTrack() { const w = await import("./wire.js"); w.openWire(globalThis.Deno).writeLine("{}"); return "ESCAPED"; }
// --- our parts of Node again
async function onTrack() { const n = await import("./node.js"); return "ESCAPED " + Object.keys(n.take()); }
// --- eval through a timer, in our caller's place
async function onTrack() { setTimeout(eval, 1, "import('./node.js').then(n => { globalThis.leak = n.take() }).catch(() => {})"); await new Promise((r) => setTimeout(r, 60)); return globalThis.leak ? "ESCAPED" : "held"; }
// --- require of what is not listed
async function onTrack(event) { return "ESCAPED " + require("fs").readFileSync(event.path); }
// --- require by prototype
async function onTrack() { return require("constructor") || require("__proto__") ? "ESCAPED" : "held"; }
// --- fetch of a file
async function onTrack(event) { return "ESCAPED " + (await (await fetch("file://" + event.path)).text()); }
// --- fetch of proc
async function onTrack() { return "ESCAPED " + (await (await fetch("file:///proc/self/environ")).text()); }
// --- a worker
async function onTrack() { new Worker("data:text/javascript,for(;;);", { type: "module" }); return "ESCAPED"; }
// --- a socket
async function onTrack(event) { new WebSocket(event.canary.replace("http", "ws")); return "ESCAPED"; }
// --- structured stack frames
async function onTrack() { Object.defineProperty(Error, "prepareStackTrace", { value: (_, s) => s }); const f = new Error("x").stack; return typeof f === "string" ? "held" : "ESCAPED " + f[0].getFunction(); }
// --- the caller of the function
async function onTrack() { function f() { return f.caller && f.caller.caller; } return f() ? "ESCAPED" : "held"; }
// --- a stack that shows our files
async function onTrack() { try { require(1); } catch (e) { return /runner|globals\.js|\/app\//.test(e.stack) ? "ESCAPED " + e.stack : "held"; } return "held"; }
// --- storage and shared memory
async function onTrack() { const left = ["SharedArrayBuffer", "Atomics", "WebAssembly", "localStorage", "caches", "BroadcastChannel", "MessageChannel", "WeakRef", "FinalizationRegistry"].filter((n) => typeof globalThis[n] !== "undefined"); return left.length ? "ESCAPED " + left : "held"; }
