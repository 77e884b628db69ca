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

/** The answer of the function, once there is one: timers run by themselves, answers to its fetches come by the pipe. */
async function settle(promise) {
  let answer = null;
  const done = promise.then((value) => (answer = value));
  await wire.turn();
  while (answer === null) await Promise.race([done, door.openFetches() === 0 ? fetchOpened() : takeAnswer()]);
  // A flood of promises never lets this turn come: then it is this run that ends by the clock, not the next one.
  await wire.turn();
  return answer;
}

let wake = null;
function fetchOpened() {
  return new Promise((resolve) => (wake = resolve));
}

let taking = null;
function takeAnswer() {
  taking ??= wire.readLineAsync().then((line) => {
    taking = null;
    door.answerFetch(JSON.parse(line));
  });
  return taking;
}

async function work(message) {
  if (message.do === "locate") return [{ outcome: "success" }, JSON.stringify(locate(first.code, message.acorn))];
  const answering = message.do === "outline" ? outline(factory) : call(factory, message);
  return await report(answering, message.handler, first.output_bytes);
}

wire.writeLine(JSON.stringify({ ready: true, fault }));
for (;;) {
  const message = JSON.parse(wire.readLine());
  runs.beginRun(message.id, first.log_bytes, () => wake?.());
  const [head, text] = await settle(work(message));
  runs.endRun();
  const open = door.openFetches();
  wire.writeLine(`${JSON.stringify({ ...head, id: message.id, open, tampered: cleanGlobals(), logs_cut: runs.output.cut })}\t${text}`);
  // The host answers what the function did not wait for, so that the pipe is quiet before the next event.
  door.abandonFetches();
  while (door.openFetches() > 0) await takeAnswer();
}
