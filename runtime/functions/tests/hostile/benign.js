// The hostile ones' twins: what an honest function does. Each returns true.

// --- lodash
async function onTrack() { return _.get({ a: { b: 1 } }, "a.b") === 1 && _.template("hi <%= n %>")({ n: 1 }) === "hi 1" && require("lodash") === _; }
// --- hashes
async function onTrack() { return crypto.createHash("sha256").update("a").digest("hex").startsWith("ca978112") && crypto.createHmac("sha1", "k").update("x").digest("base64").length === 28 && crypto.randomUUID().length === 36; }
// --- web crypto
async function onTrack() { return (await crypto.subtle.digest("SHA-256", new TextEncoder().encode("a"))).byteLength === 32; }
// --- a class of errors
class Mine extends Error { constructor(text) { super(text); this.name = "Mine"; } }
async function onTrack() { try { throw new Mine("x"); } catch (e) { return e.name === "Mine" && e.stack.includes("function.js:"); } }
// --- own properties over inherited ones
function Old() { this.toString = () => "mine"; this.constructor = Old; }
async function onTrack() { return String(new Old()) === "mine"; }
// --- addresses and text
async function onTrack() { return new URL("/a?b=1", "https://example.com").searchParams.get("b") === "1" && atob(btoa("a")) === "a" && Buffer.from("a").toString("hex") === "61"; }
// --- headers and bodies
async function onTrack() { const r = new Response(JSON.stringify({ a: 1 }), { headers: { "x-a": "b" } }); return (await r.json()).a === 1 && r.headers.get("X-A") === "b"; }
// --- many promises
async function onTrack() { return (await Promise.all(_.times(2000, async (i) => i))).length === 2000; }
// --- timers
async function onTrack() { await new Promise((r) => setTimeout(r, 5)); return true; }
// --- a good fetch
async function onTrack() { const r = await fetch("https://good.example/", { method: "POST", body: "abc" }); return r.ok && (await r.text()) === "POST abc"; }
// --- fetches side by side
async function onTrack() { const all = await Promise.all([1, 2, 3].map((n) => fetch("https://good.example/" + n).then((r) => r.status))); return all.join() === "200,200,200"; }
// --- a redirect to a good place
async function onTrack() { const r = await fetch("https://redirect.example/to-good"); return r.redirected && r.url === "https://good.example/end"; }
// --- cache
async function onTrack() { const make = async () => ({ a: 1 }); return (await cache.load("k", 1000, make)).a === 1 && (await cache.load("k", 1000, () => { throw 1; })).a === 1; }
// --- a forgotten let
async function onTrack() { for (i = 0; i < 3; i++); return i === 3; }
// --- the oldest names
function track(event, settings) { return settings.apiKey === "key"; }
// --- processEvents
exports.processEvents = (payload, context, callback) => callback(null, payload.version === "1.0" && payload.settings.apiKey === "key");
// --- a little of everything large
async function onTrack() { const a = Array.from({ length: 1e5 }, (_, i) => ({ i })); return new Uint8Array(5e6).length === 5e6 && a.length === 1e5; }
// --- module.exports
module.exports = { onTrack: async () => true };
