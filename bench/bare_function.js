// The floor of the functions' benchmark: the shortest program that runs a function over lines of JSON.
const run = new (async () => {}).constructor("event", "settings", "return event");
const decoder = new TextDecoder();
const encoder = new TextEncoder();
let text = "";
for await (const chunk of Deno.stdin.readable) {
  text += decoder.decode(chunk, { stream: true });
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
    const { event, settings } = JSON.parse(text.slice(0, end));
    text = text.slice(end + 1);
    Deno.stdout.writeSync(encoder.encode(JSON.stringify(await run(event, settings)) + "\n"));
  }
}
