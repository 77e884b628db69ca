// Runs one partner's function in a process of its own. Started by runtime/functions/process.py, without any permission.
//
// The function's code comes over stdin, never as a module: what Deno loads as a module may read files without asking.
// One line of JSON from the host is one message; every line to the host starts with a nonce that only a closure knows,
// so that whatever else reaches stdout is not taken for an answer. What two events share, the built-in objects, is
// frozen before the code is read.
import { call, compile, locate, outline, report } from "./code.js";
import { openDoor } from "./door.js";
import { describeError } from "./errors.js";
import { installGlobals } from "./globals.js";
import { lockDown } from "./lockdown.js";
import { take } from "./node.js";
import { makeRuns } from "./run.js";
import { openWire } from "./wire.js";

const wire = openWire(Deno);
const native = { setTimeout, setInterval, clearTimeout, now: performance.now.bind(performance) };
const runs = makeRuns(wire, native, Deno[Deno.internal].inspectArgs);
const door = openDoor(wire, runs);
const first = JSON.parse(wire.start());
const cleanGlobals = installGlobals({ node: take(), fetch: door.openFetch, now: native.now, print: runs.print, timers: runs.timers });
lockDown();

let factory = null;
let fault = null;
try {
  factory = compile(first.code);
} catch (error) {
  fault = describeError(error).message;
}

let taking = null;

/** Answers to the function's fetches come by the pipe: they are taken while there is one to wait for. */
function takeAnswers() {
  taking ??= (async () => {
    while (door.openFetches() > 0) door.answerFetch(JSON.parse(await wire.readLineAsync()));
    taking = null;
  })();
}

async function work(message) {
  if (message.do === "locate") return [{ outcome: "success" }, JSON.stringify(locate(first.code, message.acorn))];
  const answering = message.do === "outline" ? outline(factory) : call(factory, message);
  return await report(answering, message.handler, first.output_bytes);
}

wire.writeLine(JSON.stringify({ ready: true, fault }));
for (;;) {
  const message = JSON.parse(wire.readLine());
  runs.beginRun(message.id, first.log_bytes, takeAnswers);
  const [head, text] = await work(message);
  // A flood of promises never lets this turn come: then it is this run that ends by the clock, not the next one.
  await wire.turn();
  runs.endRun();
  wire.writeLine(`${JSON.stringify({ ...head, id: message.id, logs_cut: runs.output.cut || undefined })}\t${text}`);
  // The host answers what the function did not wait for, so that the pipe is quiet before the next event.
  door.abandonFetches();
  await taking;
  // While the host reads the answer: globals of this run go, or this process does.
  if (cleanGlobals()) wire.end(JSON.stringify({ spoiled: true }));
}
