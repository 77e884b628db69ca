// The run that is under way: its console and its timers. Both end with it.
const LINE_COST = 32; // of the host, for each line however short

export function makeRuns(wire, native, inspectArgs) {
  const { writeLine } = wire;
  const { now } = native;
  native.setInterval(() => {}, 1e6); // a promise that never settles must not end the process: the host's clock does
  const output = { left: 0, cut: false };
  let current = null;

  function beginRun(id, logBytes, onFetch) {
    current = { id, started: now(), timers: new Set(), onFetch };
    output.left = logBytes;
    output.cut = false;
  }

  function endRun() {
    for (const timer of current.timers) native.clearTimeout(timer);
    current = null;
  }

  function currentRun() {
    return current;
  }

  function format(args) {
    if (args.length === 1 && typeof args[0] === "string") return args[0];
    try {
      return inspectArgs(args, { colors: false, depth: 6 });
    } catch {
      return "[cannot be shown]";
    }
  }

  function print(level, args) {
    if (current === null || output.cut) return;
    let text = format(args);
    if (text.length + LINE_COST > output.left) {
      output.cut = true;
      text = text.slice(0, Math.max(0, output.left - LINE_COST));
    }
    output.left -= text.length + LINE_COST;
    writeLine(JSON.stringify({ log: level, text, at: Math.round((now() - current.started) * 10) / 10 }));
  }

  /** Timers of a run: an error in one is a line of its console, and none fires after it. */
  function timer(schedule, repeats) {
    return (callback, delay, ...args) => {
      const run = current;
      if (run === null) return 0;
      const id = schedule(() => {
        if (run !== current) return;
        if (!repeats) run.timers.delete(id);
        try {
          callback(...args);
        } catch (error) {
          print("error", ["Uncaught in a timer:", error]);
        }
      }, delay);
      run.timers.add(id);
      return id;
    };
  }

  function clear(id) {
    current?.timers.delete(id);
    native.clearTimeout(id);
  }

  const setTimer = timer(native.setTimeout, false);
  const timers = {
    setTimeout: setTimer,
    setInterval: timer(native.setInterval, true),
    setImmediate: (callback, ...args) => setTimer(callback, 0, ...args),
    clearTimeout: (id) => clear(id),
    clearInterval: (id) => clear(id),
    clearImmediate: (id) => clear(id),
  };

  return { beginRun, endRun, currentRun, output, print, timers };
}
