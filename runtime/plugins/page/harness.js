// Drives analytics.js in the sample page and reports what the plugin did. Evaluated before any other script of the
// page, so everything it needs is taken now, and nothing of it stays reachable for the plugin: the value of this
// expression is an object that only the host holds. What it reports is a claim, and the host treats it as one.
(function (bindingName) {
  "use strict";
  const report = window[bindingName];
  delete window[bindingName];
  const { stringify } = JSON;
  const { apply, ownKeys } = Reflect;
  const { create, freeze, defineProperty, setPrototypeOf } = Object;
  const { isArray } = Array;
  const now = performance.now.bind(performance);
  const timings = performance.getEntriesByName.bind(performance);
  const later = window.setTimeout.bind(window);
  const click = HTMLElement.prototype.click;
  const getElement = document.getElementById.bind(document);
  const listen = EventTarget.prototype.addEventListener;
  const insert = Node.prototype.appendChild;
  const makeElement = document.createElement.bind(document);
  const pushState = history.pushState.bind(history);
  const Watcher = MutationObserver;
  const Later = Promise;
  const head = document.head;
  const METHODS = ["track", "identify", "page", "group", "alias", "screen"];
  const MOST = 50;

  // --- Telling the host ----------------------------------------------------------------------------------------

  // An object without prototype, so that a toJSON planted on Object.prototype is never called.
  const plain = (fields) => setPrototypeOf(fields, null);
  const list = () => setPrototypeOf([], null);
  const push = (items, item) => {
    if (items.length < MOST) items[items.length] = typeof item === "string" ? cut(item, 1000) : item;
  };
  const tell = (kind, fields) => {
    const message = plain(fields);
    message.kind = kind;
    report(stringify(message));
  };
  const { slice } = String.prototype;
  const cut = (string, length) => apply(slice, string, [0, length]);
  const text = (value) => {
    try {
      if (value && typeof value === "object" && typeof value.message === "string") {
        return `${cut(`${value.name || "Error"}`, 100)}: ${cut(value.message, 1000)}`;
      }
      return cut(`${value}`, 1000);
    } catch {
      return "an error that cannot be shown";
    }
  };
  const asJson = (value) => {
    try {
      const json = stringify(value);
      return typeof json === "string" ? cut(json, 100000) : null;
    } catch {
      return null;
    }
  };

  // --- Watching ------------------------------------------------------------------------------------------------

  const ours = new Set(ownKeys(window));
  for (const key of ["analytics", "AnalyticsNext", "analyticsWriteKey", "webpackChunk_segment_analytics_next",
    "__SEGMENT_INSPECTOR__", "pluginSettings", "registerPlugin", "partnerPlugin"]) ours.add(key);
  const hasOurs = ours.has.bind(ours);
  const mine = new WeakSet();
  const isMarked = mine.has.bind(mine);
  const BUNDLES = `${location.origin}/analytics-next/`;
  const { startsWith } = String.prototype;
  const PLUGIN = `${location.origin}/plugin.js`;
  // Not the plugin's doing: what we add, and what analytics.js loads: parts of itself, and the plugin.
  const isMine = (node) => isMarked(node) || node.src === PLUGIN ||
    (typeof node.src === "string" && apply(startsWith, node.src, [BUNDLES]));
  let changes = list();
  const name = (node) => {
    if (node.nodeType !== 1) return "";
    const id = node.id ? `#${node.id}` : "";
    const source = node.getAttribute("src") || node.getAttribute("href") || "";
    return `<${node.localName}${id}${source ? ` ${source}` : ""}>`;
  };
  const watcher = new Watcher((records) => {
    for (let index = 0; index < records.length; index += 1) {
      const { type, target, attributeName, addedNodes, removedNodes } = records[index];
      for (let n = 0; n < addedNodes.length; n += 1) {
        if (!isMine(addedNodes[n]) && name(addedNodes[n])) push(changes, `added ${name(addedNodes[n])}`);
      }
      for (let n = 0; n < removedNodes.length; n += 1) {
        if (!isMine(removedNodes[n]) && name(removedNodes[n])) push(changes, `removed ${name(removedNodes[n])}`);
      }
      if (type === "attributes" && !isMine(target)) push(changes, `changed ${attributeName} of ${name(target)}`);
    }
  });
  const watch = () => watcher.observe(document, { childList: true, subtree: true, attributes: true });
  const takeChanges = () => {
    const taken = changes;
    changes = list();
    return taken;
  };
  const added = () => {
    const names = list();
    const keys = ownKeys(window);
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index];
      if (typeof key === "string" && !hasOurs(key)) push(names, key);
    }
    return names;
  };

  // --- The plugin, wrapped so that its methods are seen ------------------------------------------------------------

  let calls = list();
  const plugins = [];
  const addPlugin = (state) => { plugins[plugins.length] = state; };
  let problem = "";

  const seen = (plugin, method) => function (...given) {
    const call = plain({ method, error: null, returned: null, done: false });
    push(calls, call);
    const fail = (error) => {
      call.done = true;
      call.error = text(error);
      throw error;
    };
    const succeed = (result) => {
      call.done = true;
      const event = result && typeof result === "object" ? result.event : undefined;
      call.returned = event === undefined ? null : asJson(event);
      return result;
    };
    let result;
    try {
      result = apply(plugin[method], plugin, given);
    } catch (error) {
      fail(error);
    }
    return (async () => {
      let value;
      try {
        value = await result;
      } catch (error) {
        fail(error);
      }
      return succeed(value);
    })();
  };

  const wrapLoad = (plugin, state) => function (...given) {
    return (async () => {
      try {
        const value = await apply(plugin.load, plugin, given);
        state.loaded = true;
        return value;
      } catch (error) {
        state.error = `load() failed. ${text(error)}`;
        throw error;
      }
    })();
  };

  const wrap = (plugin) => {
    if (!plugin || typeof plugin !== "object") return plugin;
    const state = { plugin, loaded: false, error: "", methods: list(), label: "" };
    const wrapped = create(plugin);
    const set = (key, value) => defineProperty(wrapped, key, { value, writable: true, configurable: true, enumerable: true });
    state.label = `${text(plugin.name)} ${text(plugin.version)} ${text(plugin.type)}`;
    for (let index = 0; index < METHODS.length; index += 1) {
      const method = METHODS[index];
      if (typeof plugin[method] === "function") {
        push(state.methods, method);
        set(method, seen(plugin, method));
      }
    }
    if (typeof plugin.load === "function") set("load", wrapLoad(plugin, state));
    if (typeof plugin.isLoaded === "function") set("isLoaded", () => apply(plugin.isLoaded, plugin, []));
    addPlugin(state);
    return wrapped;
  };

  const wrapFactory = (factory) => async (settings) => {
    try {
      const made = await factory(settings);
      if (!isArray(made)) return wrap(made);
      const wrapped = [];
      for (let index = 0; index < made.length; index += 1) wrapped[index] = wrap(made[index]);
      return wrapped;
    } catch (error) {
      problem = `The plugin's factory failed. ${text(error)}`;
      throw error;
    }
  };

  // --- Loading -------------------------------------------------------------------------------------------------

  const sleep = (milliseconds) => new Later((resolve) => later(resolve, milliseconds));
  const until = async (condition) => {
    while (!condition()) await sleep(15);
  };
  const script = (source, type) => {
    const element = makeElement("script");
    mine.add(element);
    element.src = source;
    if (type) element.type = type;
    element.async = true;
    return element;
  };
  const loadScript = (element) => new Later((resolve) => {
    apply(listen, element, ["load", () => resolve(true)]);
    apply(listen, element, ["error", () => resolve(false)]);
    apply(insert, head, [element]);
  });

  // A device-mode script names its factory itself; analytics.js looks for it under the name in the settings. Where
  // the partner gave no name, the first function that the script left on window is taken for it.
  const otherFactory = () => {
    const keys = ownKeys(window);
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index];
      if (typeof key === "string" && !hasOurs(key) && typeof window[key] === "function") return key;
    }
    return "";
  };
  const whyNoFactory = (library, isNameGiven, found) => {
    if (!isNameGiven) return "The script put no factory function on window.";
    const what = window[library] === undefined ? "is not there" : "is no function";
    const hint = found ? ` The script left a function under window["${found}"]: is that its library name?` : "";
    return `window["${library}"] ${what}. It is the library name you gave.${hint}`;
  };
  const adoptFactory = ({ libraryName, isNameGiven }) => {
    const found = typeof window[libraryName] === "function" ? libraryName : otherFactory();
    if (found && (found === libraryName || !isNameGiven)) window[libraryName] = wrapFactory(window[found]);
    else problem = whyNoFactory(libraryName, isNameGiven, found);
  };
  const catchRemote = (plan) => {
    const onEnd = (event) => {
      if (event.target && event.target.src === plan.plugin) {
        if (event.type === "load") adoptFactory(plan);
        else problem = "The script did not load.";
      }
    };
    apply(listen, document, ["load", onEnd, true]);
    apply(listen, document, ["error", onEnd, true]);
  };

  const startAnalytics = async (plan) => {
    const queue = [];
    queue._writeKey = plan.writeKey;
    queue._loadOptions = {};
    queue.initialize = true;
    window.analytics = queue;
    await loadScript(script(plan.library));
    await until(() => window.analytics !== queue && typeof window.analytics.register === "function");
    return window.analytics;
  };
  const watchRegister = (analytics) => {
    const register = analytics.register;
    defineProperty(analytics, "register", {
      configurable: true,
      writable: true,
      value: (...given) => {
        const wrapped = [];
        for (let index = 0; index < given.length; index += 1) wrapped[index] = wrap(given[index]);
        return apply(register, analytics, wrapped);
      },
    });
  };
  const loadPlugin = async (plan, analytics) => {
    if (plan.shape === "remote_plugin") return;
    watchRegister(analytics);
    window.pluginSettings = plan.settings;
    if (plan.isModule) {
      window.registerPlugin = (made) => analytics.register(made);
    }
    if (!(await loadScript(script(plan.plugin, plan.isModule ? "module" : "")))) problem = "The script did not load.";
  };
  const allLoaded = () => {
    if (problem) return true;
    if (!plugins.length) return false;
    for (let index = 0; index < plugins.length; index += 1) {
      const state = plugins[index];
      if (state.error) { problem = state.error; return true; }
      if (!state.loaded) return false;
      if (typeof state.plugin.isLoaded === "function" && !state.plugin.isLoaded()) return false;
    }
    return true;
  };
  const whyNot = () => {
    if (problem) return problem;
    if (!plugins.length) return "The script registered no plugin.";
    for (let index = 0; index < plugins.length; index += 1) {
      if (!plugins[index].loaded) return "load() was not over in time.";
    }
    return "isLoaded() stayed false.";
  };

  const start = async (plan) => {
    watch();
    if (plan.shape === "remote_plugin") catchRemote(plan);
    const analytics = await startAnalytics(plan);
    tell("ready", { at: now() });
    const fetched = timings(plan.plugin)[0];
    const began = fetched ? fetched.startTime : now();
    await loadPlugin(plan, analytics);
    await until(allLoaded);
    const labels = list();
    const methods = list();
    for (let index = 0; index < plugins.length; index += 1) {
      push(labels, plugins[index].label);
      for (let n = 0; n < plugins[index].methods.length; n += 1) push(methods, plugins[index].methods[n]);
    }
    tell("loaded", { error: problem, milliseconds: now() - began, labels, methods });
  };

  // --- Events --------------------------------------------------------------------------------------------------

  const fire = (index, method, given, path) => {
    calls = list();
    takeChanges();
    if (path) pushState({}, "", path);
    const began = now();
    let done = false;
    const finish = (error) => {
      if (done) return;
      done = true;
      tell("event", { index, error, calls, milliseconds: now() - began });
    };
    const onClick = async () => {
      try {
        await apply(window.analytics[method], window.analytics, given);
        finish("");
      } catch (error) {
        finish(text(error));
      }
    };
    const button = getElement(`event-${index}`) || makeElement("button");
    apply(listen, button, ["click", onClick, { once: true }]);
    apply(click, button, []);
  };

  return freeze(setPrototypeOf({
    start: (plan) => { start(plan).catch((error) => tell("loaded", { error: text(error), milliseconds: 0, labels: list(), methods: list() })); },
    fire,
    changes: () => stringify(takeChanges()),
    globals: () => stringify(added()),
    calls: () => stringify(calls),
    why: () => whyNot(),
  }, null));
})
