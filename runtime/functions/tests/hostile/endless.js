// Code that does not end, each in its own way.

// --- a loop: timeout
async function onTrack() { for (;;); }
// --- a loop before any handler: timeout
for (;;);
// --- a flood of promises: timeout
async function onTrack() { for (;;) await null; }
// --- a flood of promises left behind: timeout
async function onTrack() { (async () => { for (;;) await null; })(); return "held"; }
// --- queueMicrotask for ever: timeout
async function onTrack() { const again = () => queueMicrotask(again); again(); return "held"; }
// --- a regular expression: timeout
async function onTrack() { return /^(a+)+$/.test("a".repeat(60) + "!"); }
// --- a promise that never settles: timeout
async function onTrack() { await new Promise(() => {}); }
// --- a thenable that never answers: timeout
async function onTrack() { return { then() {} }; }
// --- a large number: timeout|limit|error
async function onTrack() { let n = 7n; for (;;) n = n ** 7n; }
// --- a loop in finally: timeout
async function onTrack() { try { throw 1; } finally { for (;;); } }
// --- a loop in toJSON: timeout
async function onTrack() { return { toJSON() { for (;;); } }; }
// --- a loop in a getter of the error: timeout
async function onTrack() { const e = new Error(); Object.defineProperty(e, "message", { get() { for (;;); } }); throw e; }
// --- a loop in a timer: timeout
async function onTrack() { setTimeout(() => { for (;;); }, 1); await new Promise((r) => setTimeout(r, 50)); return "held"; }
// --- import of the runner
async function onTrack() { return Object.keys(await import("./runner.js")).length ? "ESCAPED" : "held"; }
// --- a sort that never ends: timeout
async function onTrack() { return [3, 2, 1].sort(() => { for (;;); }); }
// --- a lodash that never ends: timeout|limit
async function onTrack() { _.times(1e12, () => 1); }
// --- a proxy that goes on: timeout|error
async function onTrack() { const p = new Proxy({}, { ownKeys() { for (;;); } }); return p; }
