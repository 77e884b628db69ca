// Inside by fetch, in every spelling. event.canary listens on loopback; the door is closed for it.

// --- loopback
async function onTrack(event) { return "ESCAPED " + (await fetch(event.canary)).status; }
// --- localhost
async function onTrack(event) { return "ESCAPED " + (await fetch(event.canary.replace("127.0.0.1", "localhost"))).status; }
// --- decimal, hex, octal, short, wide digits
async function onTrack(event) { const port = new URL(event.canary).port; for (const host of ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "127。0。0。1", "0"]) { try { await fetch(`http://${host}:${port}/`); return "ESCAPED " + host; } catch {} } return "held"; }
// --- metadata
async function onTrack() { for (const host of ["169.254.169.254", "2852039166", "[fd00:ec2::254]", "100.100.100.200", "metadata.google.internal"]) { try { await fetch(`http://${host}/latest/meta-data/`); return "ESCAPED " + host; } catch {} } return "held"; }
// --- user in the address
async function onTrack(event) { return "ESCAPED " + (await fetch(event.canary.replace("//", "//example.com@"))).status; }
// --- host header
async function onTrack(event) { return "ESCAPED " + (await fetch("http://example.com:1/", { headers: { Host: new URL(event.canary).host } })).status; }
// --- header injection
async function onTrack(event) { return "ESCAPED " + (await fetch(event.canary, { headers: { "X-A": "b\r\nHost: inside" } })).status; }
// --- a redirect to the inside
async function onTrack(event) { return "ESCAPED " + (await (await fetch("https://redirect.example/to-canary")).text()); }
// --- a redirect that never ends
async function onTrack() { return "ESCAPED " + (await fetch("https://redirect.example/again")).status; }
// --- other schemes
async function onTrack() { for (const url of ["ftp://example.com/", "gopher://example.com/", "unix:///run/x", "ws://example.com/", "blob:null/1"]) { try { await fetch(url); return "ESCAPED " + url; } catch {} } return "held"; }
// --- a flood of requests: limit
async function onTrack(event) { for (;;) await fetch(event.canary).catch((e) => { if (e.name === "FetchLimit") throw e; }); }
// --- a request that hides its address
async function onTrack(event) { class Sly extends Request { get url() { return "https://example.com/"; } } return "ESCAPED " + (await fetch(new Sly(event.canary))).status; }
