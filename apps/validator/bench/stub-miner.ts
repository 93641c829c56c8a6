import { setTimeout as sleep } from "node:timers/promises";
import { createHotkeyFromUri, createMiner, type InferenceBackend, ready, silentLogger } from "@vision/sdk";
import { serve } from "@vision/sdk/node";
import { PACE_MS, readAsked } from "./gateway-asked.js";

// A whole miner in front of a backend that costs nothing: what is measured on the other side is the validator alone.
const ANSWER_TOKENS = 24;
/** Whether an answer is as long and as fast as it is asked for. */
const isAsAsked = process.env["ANSWER_TOKENS"] === "asked";
const canned: InferenceBackend = {
  specificationVersion: 1,
  name: "canned",
  async *run({ request }) {
    const { tokens, isPaced } = isAsAsked ? readAsked(request) : { tokens: ANSWER_TOKENS, isPaced: false };
    for (let index = 0; index < tokens; index += 1) {
      if (isPaced) await sleep(PACE_MS);
      const token = ` word${index}`;
      const entry = { token, logprob: -0.25, bytes: [...Buffer.from(token)], top_logprobs: [] };
      yield {
        kind: "event",
        data: JSON.stringify({
          ...{ id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "chat-tiny" },
          choices: [{ index: 0, delta: { content: token }, logprobs: { content: [entry] }, finish_reason: null }],
        }),
      };
    }
    yield { kind: "event", data: JSON.stringify({ id: "chatcmpl-1", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }) };
  },
};

await ready();
const hotkey = createHotkeyFromUri(process.env["MINER_URI"] ?? "//miner");
const miner = createMiner({
  hotkey,
  tasks: { "chat-tiny": { capacityPerHour: 1_000_000_000, concurrency: 1_024 } },
  backend: canned,
  burstFraction: 1,
  logger: silentLogger,
});
const server = await serve(miner, { port: 0, host: "127.0.0.1" });
process.send?.({ hotkey: hotkey.address, port: server.port });
process.on("disconnect", () => process.exit(0));
