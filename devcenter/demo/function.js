// Acme Streams: each event becomes one row of Acme's own API. The contract: /docs/functions/
const API = "__ENDPOINT__";

async function onIdentify(event, settings) {
  if (!event.userId) {
    throw new EventNotSupported("Acme keeps no anonymous people.");
  }
  return send("people", { id: event.userId, ..._.pick(event.traits, ["email", "name", "plan"]) }, settings);
}

async function onTrack(event, settings) {
  if (!event.event) {
    throw new InvalidEventPayload("A track event needs a name in “event”.");
  }
  const row = { id: event.messageId, name: event.event, at: event.timestamp, person: whoOf(event) };
  return send("events", { ...row, properties: event.properties }, settings);
}

async function onPage(event, settings) {
  return send("views", { id: event.messageId, name: event.name, person: whoOf(event) }, settings);
}

async function onScreen(event, settings) {
  return onPage(event, settings);
}

async function onGroup(event, settings) {
  return send("accounts", { id: event.groupId, person: whoOf(event), ...event.traits }, settings);
}

async function onAlias() {
  throw new EventNotSupported("Acme knows one id for each person.");
}

// Somebody asked to be forgotten.
async function onDelete(event, settings) {
  return send("erasures", { id: event.userId }, settings);
}

function whoOf(event) {
  return event.userId ?? event.anonymousId;
}

async function send(table, row, settings) {
  const response = await fetch(API, {
    method: "POST",
    headers: {
      "Authorization": `Basic ${btoa(settings.apiKey + ":")}`,
      "Content-Type": "application/json",
    },
    body: JSON.stringify({ table, row }),
  });
  if (response.status === 429 || response.status >= 500) {
    throw new RetryError(`Acme answered ${response.status}.`); // sent again later
  }
  if (response.status === 401 || response.status === 403) {
    throw new ValidationError("Acme refused the API key. Make a new one under Settings.");
  }
  if (!response.ok) {
    throw new InvalidEventPayload(`Acme answered ${response.status}.`);
  }
  console.log(`one row for ${table}`);
  return { table, status: response.status };
}
