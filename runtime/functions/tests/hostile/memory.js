// Code that wants all memory, or answers with it.

// --- objects: limit|timeout|error
async function onTrack() { const all = []; for (;;) all.push(new Array(100000).fill(1.5)); }
// --- buffers: limit|timeout
async function onTrack() { const all = []; for (;;) all.push(new Uint8Array(16 << 20).fill(1)); }
// --- one buffer: limit|error
async function onTrack() { return new ArrayBuffer(8e9).byteLength ? "ESCAPED" : "held"; }
// --- Node's buffers: limit|timeout
async function onTrack() { const all = []; for (;;) all.push(Buffer.alloc(16 << 20, 1)); }
// --- wasm: error
async function onTrack() { return "ESCAPED " + new WebAssembly.Memory({ initial: 60000 }).buffer.byteLength; }
// --- a string split: limit|timeout|error
async function onTrack() { return "x".repeat(2 ** 29 - 24).split("").length; }
// --- a result of 300 MB: limit|timeout|error
async function onTrack() { return "x".repeat(300e6); }
// --- a result just too large: limit
async function onTrack() { return "x".repeat(300 * 1024); }
// --- a map that grows: limit|timeout|error
async function onTrack() { const map = new Map(); for (let i = 0; ; i++) map.set(i, { i }); }
// --- a console that never ends: timeout
async function onTrack() { for (;;) console.log("x".repeat(1000)); }
// --- one huge line of the console: success|limit|timeout|error
async function onTrack() { console.log("x".repeat(50e6)); return "held"; }
// --- a body too large to send: limit|timeout
async function onTrack(event) { return "ESCAPED " + (await fetch(event.canary, { method: "POST", body: "x".repeat(3e6) })).status; }
// --- a deep result: success|error|limit
async function onTrack() { let deep = 1; for (let i = 0; i < 1e5; i++) deep = [deep]; return deep; }
// --- a deep recursion: error
async function onTrack() { const f = () => f(); return f(); }
// --- a deep recursion that prints at its end: success|error|timeout
async function onTrack() { const f = () => { try { f(); } catch { console.log("deep"); } }; f(); return "held"; }
