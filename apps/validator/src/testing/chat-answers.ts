import { changeRegistry, createRegistry } from "@vision/protocol";
import type { FakeMiner } from "./fake-exchange.js";

/** One event of a chat answer. */
export const chatChunk = (delta: unknown, finish: string | null = null) => ({
  ...{ id: "x", object: "chat.completion.chunk", created: 1, model: "m" },
  choices: [{ index: 0, delta, finish_reason: finish }],
});

const call = (index: number, fields: object, id?: string) =>
  chatChunk({ tool_calls: [{ index, ...(id === undefined ? {} : { id, type: "function" }), function: fields }] });

/** Says something, and calls two tools whose pieces come in turns. */
export const callingMiner: FakeMiner = () => ({
  events: [
    chatChunk({ role: "assistant", content: "Let me look." }),
    call(0, { name: "weather", arguments: "" }, "call_a"),
    call(0, { arguments: '{"city":' }),
    call(1, { name: "clock", arguments: "{" }, "call_b"),
    call(0, { arguments: '"Rome"}' }),
    call(1, { arguments: "}" }),
    chatChunk({}, "tool_calls"),
  ],
});

/** Tasks, of which `chat-tiny` says nothing of its abilities: it is taken to do everything. Its model has a name of those that think. */
export const ableRegistry = changeRegistry(createRegistry(), { "chat-tiny": { capabilities: undefined, model: "o3-open" } });
