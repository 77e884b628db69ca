// fetch: asked of the host over the pipe, which decides, sends and answers. This process has no network.
import { FetchLimit } from "./errors.js";

const BODILESS = new Set([204, 205, 304]);

export function openDoor({ writeLine }, { currentRun }) {
  const waiting = new Map();
  let last = 0;

  function openFetches() {
    return waiting.size;
  }

  /** The function's `fetch`. */
  async function openFetch(input, init) {
    const run = currentRun();
    const request = new Request(input, init);
    const body = request.body === null ? "" : new Uint8Array(await request.arrayBuffer()).toBase64();
    request.signal.throwIfAborted();
    return await new Promise((resolve, reject) => {
      if (run === null || run !== currentRun()) return; // the run is over: nobody waits for this
      const id = ++last;
      waiting.set(id, { resolve, reject });
      request.signal.addEventListener("abort", () => reject(request.signal.reason));
      const { method, url, headers, redirect } = request;
      writeLine(JSON.stringify({ fetch: id, method, url, headers: [...headers], body, redirect }));
      run.onFetch();
    });
  }

  /** The answers that still come belong to a run that is over. */
  function abandonFetches() {
    for (const id of waiting.keys()) waiting.set(id, null);
  }

  function answerFetch(answer) {
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (!asked) return;
    if (answer.error) return asked.reject(answer.limit ? new FetchLimit(answer.error) : new TypeError(answer.error));
    try {
      asked.resolve(responseOf(answer));
    } catch (error) {
      asked.reject(new TypeError(`The answer cannot be read: ${error.message}`));
    }
  }

  return { openFetch, openFetches, answerFetch, abandonFetches };
}

function responseOf({ status, reason, headers, body, url, redirected, cut }) {
  const bytes = Uint8Array.fromBase64(body);
  const response = new Response(BODILESS.has(status) ? null : cut ? broken(bytes, cut) : bytes, {
    status,
    statusText: reason,
    headers,
  });
  return Object.defineProperties(response, { url: { value: url }, redirected: { value: redirected } });
}

/** A body longer than we read: what arrived, then an error, for the function that wants to the end of it. */
function broken(bytes, message) {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes);
      controller.error(new TypeError(message));
    },
  });
}
