// One handler for each type of event. What it returns means success, what it throws means failure;
// a handler that is missing means “not supported”. The whole contract: /docs/functions/

// The built-in endpoint of your App, so that the first test works. Put your API here.
const ENDPOINT = "__ENDPOINT__";

async function onIdentify(event, settings) {
  return send("identify", { id: event.userId, anonymousId: event.anonymousId, traits: event.traits }, settings);
}

async function onTrack(event, settings) {
  if (!event.event) {
    throw new InvalidEventPayload("A track event needs a name in “event”.");
  }
  return send("track", { name: event.event, user: event.userId, properties: event.properties }, settings);
}

async function onPage(event, settings) {
  return send("page", { name: event.name, user: event.userId, properties: event.properties }, settings);
}

async function onScreen(event, settings) {
  return send("screen", { name: event.name, user: event.userId, properties: event.properties }, settings);
}

async function onGroup(event, settings) {
  return send("group", { id: event.groupId, user: event.userId, traits: event.traits }, settings);
}

async function onAlias(event, settings) {
  return send("alias", { from: event.previousId, to: event.userId }, settings);
}

// Somebody asked to be forgotten: delete what you hold about this person.
async function onDelete(event, settings) {
  return send("delete", { id: event.userId }, settings);
}

// Settings come as the second argument only. The API key is what the customer typed in.
async function send(type, body, settings) {
  const response = await fetch(ENDPOINT, {
    method: "POST",
    headers: {
      "Authorization": `Basic ${btoa(settings.apiKey + ":")}`,
      "Content-Type": "application/json",
    },
    body: JSON.stringify({ type, ...body }),
  });
  if (response.status === 429 || response.status >= 500) {
    throw new RetryError(`The API answered ${response.status}.`); // sent again later
  }
  if (response.status === 401 || response.status === 403) {
    throw new ValidationError("The API refused the API key.");
  }
  if (!response.ok) {
    throw new InvalidEventPayload(`The API answered ${response.status}.`);
  }
  return { status: response.status };
}
