// A partner's server as the example App for partners is written: a classic client (no PKCE), one `state` for the
// process, Basic authentication, "destination already exists" answered with a PATCH. `PARTNER` carries its settings as
// JSON; see tests/oauth_clients/partners.py for what it answers.
import crypto from "node:crypto";
import http from "node:http";
import ClientOAuth2 from "client-oauth2";

const partner = JSON.parse(process.env.PARTNER);
const state = crypto.randomBytes(20).toString("hex");
const client = new ClientOAuth2({
  clientId: partner.client_id,
  clientSecret: partner.client_secret,
  authorizationUri: partner.authorization_url,
  accessTokenUri: partner.token_url,
  redirectUri: partner.redirect_uri,
  scopes: [partner.scope],
  state,
});
const basic = Buffer.from(`${partner.client_id}:${partner.client_secret}`).toString("base64");
// What the flow gave: the callback's address, the token, the one before it, how often the App was enabled.
let callback, token, previous;
let times = 0;

const destinationName = () => `${token.data.source_names[0]}/destinations/${partner.destination}`;

async function send(method, path, body, authorize) {
  const headers = body ? { "Content-Type": "application/json" } : {};
  const request = authorize({ url: `${partner.api_url}/${path}`, method, headers });
  const answer = await fetch(request.url, { ...request, body: body && JSON.stringify(body) });
  return { status: answer.status, body: await answer.json() };
}

const call = (method, path, body, bearer = token) => send(method, path, body, (request) => bearer.sign(request));

// Creates the destination; where there is one, brings it up to date. All answers, in order.
async function enable() {
  times += 1;
  const name = destinationName();
  const destination = {
    name,
    connection_mode: "CLOUD",
    config: [{ name: `${name}/config/apiKey`, value: `${partner.api_key}-${times}` }],
    enabled: true,
  };
  const created = await call("POST", `${token.data.source_names[0]}/destinations`, { destination });
  if (created.status < 400) return [created];
  // As in the example: any other shape of error breaks here.
  if (!created.body.error.includes("destination already exists")) return [created];
  const paths = ["destination.enabled", "destination.config", "destination.connection_mode"];
  return [created, await call("PATCH", name, { destination, update_mask: { paths } })];
}

function take(next) {
  [previous, token] = [token, next];
  return { status: 200, body: { ...token.data, access_token: undefined, refresh_token: undefined } };
}

// The original's way to a new token (D43): GET, with the client's own credentials.
async function renew() {
  const answer = await send("GET", `${token.data.install_name}/token`, undefined, (request) => {
    request.headers.Authorization = `Basic ${basic}`;
    return request;
  });
  return answer.status === 200 ? take(client.createToken({ ...token.data, ...answer.body })) : answer;
}

const actions = {
  enable,
  read: () => call("GET", destinationName()),
  "read-with-old": () => call("GET", destinationName(), undefined, previous),
  renew,
  refresh: async () => take(await token.refresh()),
  "exchange-again": async () => take(await client.code.getToken(callback)),
};

// The library rejects with an Error that carries the body of the answer.
async function act(name) {
  try {
    return await actions[name]();
  } catch (error) {
    if (!error.body) throw error;
    return { status: 400, body: error.body };
  }
}

async function connect(address) {
  callback = address;
  token = await client.code.getToken(address);
  return enable();
}

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

function show(response, title, content) {
  const head = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><link rel="icon" href="data:,">`;
  response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
  response.end(`${head}<h1>${title}</h1>${content}`);
}

async function answer(request, response) {
  const { pathname } = new URL(request.url, partner.redirect_uri);
  if (request.method === "POST" && pathname.startsWith("/do/")) {
    const found = await act(pathname.slice("/do/".length));
    response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(found));
  } else if (pathname === "/auth/segment") {
    response.writeHead(302, { Location: client.code.getUri() }).end();
  } else if (pathname === new URL(partner.redirect_uri).pathname) {
    try {
      show(response, "Connected", `<pre>${escaped(JSON.stringify(await connect(request.url)))}</pre>`);
    } catch (error) {
      show(response, "Not connected", `<pre>${escaped(JSON.stringify(error.body ?? { error: String(error) }))}</pre>`);
    }
  } else {
    show(response, "Sign-up", '<a href="/auth/segment">Enable with Segment</a>');
  }
}

const server = http.createServer((request, response) => {
  answer(request, response).catch((error) => {
    response.writeHead(500, { "Content-Type": "text/plain" }).end(error.stack);
  });
});
server.listen(partner.port, partner.host);
