// An analytics.js plugin: one object with a method for each call. The whole contract: /docs/web-plugins/
let queue;

analytics.register({
  name: "__NAME__",
  version: "0.1.0",
  // before and enrichment may change an event or stop it; destination, after and utility cannot stop it.
  type: "destination",

  // Calls wait until this says true.
  isLoaded() {
    return queue !== undefined;
  },

  // Runs once. This is the place to load a script of yours from your own site.
  async load(ctx, analytics) {
    queue = window.__QUEUE__ = window.__QUEUE__ ?? [];
  },

  track(ctx) {
    queue.push(["track", ctx.event.event, ctx.event.properties]);
    return ctx;
  },

  identify(ctx) {
    queue.push(["identify", ctx.event.userId, ctx.event.traits]);
    return ctx;
  },

  page(ctx) {
    queue.push(["page", ctx.event.name, ctx.event.properties]);
    return ctx;
  },

  group(ctx) {
    queue.push(["group", ctx.event.groupId, ctx.event.traits]);
    return ctx;
  },

  alias(ctx) {
    queue.push(["alias", ctx.event.previousId, ctx.event.userId]);
    return ctx;
  },
});
