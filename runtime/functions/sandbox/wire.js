// The pipe to the host: lines in, lines with the nonce out.
//
// Like every module here that can do something, this one gives it away once, to the runner, for what only the runner
// has: a function may import our modules again, and finds no more than these makers.
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const NEWLINE = 10;

/** `Deno` is what the runner took away from the globals. */
export function openWire(Deno) {
  const { stdin, stdout, exit } = Deno;
  const { op_void_async_deferred } = Deno[Deno.internal].core.ops;
  let nonce = "";
  let kept = []; // pieces of a line that is not whole yet
  const buffer = new Uint8Array(65536); // one for all reads: a new one for each costs more than an event
  let rest = buffer.subarray(0, 0);

  /** One round of the event loop: every promise that can go on has gone on. */
  function turn() {
    return op_void_async_deferred();
  }

  function takeLine() {
    const end = rest.indexOf(NEWLINE);
    if (end < 0) {
      if (rest.length) kept.push(rest.slice());
      rest = buffer.subarray(0, 0);
      return null;
    }
    const piece = rest.subarray(0, end);
    rest = rest.subarray(end + 1);
    const line = kept.length === 0 ? piece : joined(piece);
    return decoder.decode(line);
  }

  function joined(last) {
    const pieces = [...kept, last];
    kept = [];
    const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }

  /** The next line, waiting for it with the whole process: nothing that an earlier run left behind goes on meanwhile. */
  function readLine() {
    for (;;) {
      const line = takeLine();
      if (line !== null) return line;
      const count = stdin.readSync(buffer);
      if (count === null) exit(0);
      rest = buffer.subarray(0, count);
    }
  }

  /** The next line while the function goes on. One at a time. */
  async function readLineAsync() {
    for (;;) {
      const line = takeLine();
      if (line !== null) return line;
      const count = await stdin.read(buffer);
      if (count === null) exit(0);
      rest = buffer.subarray(0, count);
    }
  }

  /** The first line, which carries the nonce. */
  function start() {
    const line = readLine();
    nonce = JSON.parse(line).nonce;
    return line;
  }

  function writeLine(text) {
    const bytes = encoder.encode(`${nonce}${text}\n`);
    for (let at = 0; at < bytes.length; ) at += stdout.writeSync(at ? bytes.subarray(at) : bytes);
  }

  /** A last line, and no process any more. */
  function end(text) {
    writeLine(text);
    exit(0);
  }

  return { turn, readLine, readLineAsync, start, writeLine, end };
}
