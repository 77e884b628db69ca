// Acme Streams in the browser: counts what a visit is made of and says so once, when it ends.
// Everybody can read this code and its settings, so nothing in it is secret. The contract: /docs/web-plugins/
const ADDRESS = "__ENDPOINT__";
let visit;

const tell = () => {
  navigator.sendBeacon(ADDRESS, JSON.stringify({ type: "track", event: "Visit", properties: visit }));
};

analytics.register({
  name: "Acme Streams",
  version: "1.1.0",
  type: "destination",

  isLoaded() {
    return visit !== undefined;
  },

  async load() {
    visit = { pages: 0, events: {}, person: null };
    window.addEventListener("pagehide", tell);
  },

  page(ctx) {
    visit.pages += 1;
    return ctx;
  },

  track(ctx) {
    const name = ctx.event.event;
    visit.events[name] = (visit.events[name] ?? 0) + 1;
    return ctx;
  },

  identify(ctx) {
    visit.person = ctx.event.userId;
    tell();
    return ctx;
  },
});
