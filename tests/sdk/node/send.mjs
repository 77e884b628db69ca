// Sends the calls on standard input with Segment's Node SDK, unmodified: `node send.mjs <host> <write key> < calls.json`.
// Prints what the SDK reported as errors, as JSON.
import { readFileSync } from "node:fs";
import { Analytics } from "@segment/analytics-node";

const [host, writeKey] = process.argv.slice(2);
const calls = JSON.parse(readFileSync(0, "utf8"));
const analytics = new Analytics({ writeKey, host, flushAt: 25, flushInterval: 50 });
const errors = [];
analytics.on("error", (error) => errors.push(`${error.code}: ${error.reason}`));

function send({ kind, message_id: messageId, number, at }) {
  const common = { messageId, timestamp: new Date(at), userId: `user-${number}` };
  switch (kind) {
    case "page":
    case "screen":
      return analytics[kind]({ ...common, name: "Pricing", properties: { number } });
    case "identify":
      return analytics.identify({ ...common, traits: { number } });
    case "track":
      return analytics.track({ ...common, event: "Order Completed", properties: { number } });
    case "group":
      return analytics.group({ ...common, groupId: `group-${number}`, traits: { number } });
    default:
      return analytics.alias({ ...common, previousId: `visitor-${number}` });
  }
}

calls.forEach(send);
await analytics.closeAndFlush();
process.stdout.write(JSON.stringify(errors));
