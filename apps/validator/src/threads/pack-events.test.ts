import { describe, expect, it } from "@jest/globals";
import type { AnswerPart } from "@vision/protocol";
import { packEvents, unpackEvents } from "./pack-events.js";

const token = { bytes: [240, 159], text: "\ud83d", logprob: -0.25 };
const everyKind: readonly AnswerPart[] = [
  { kind: "text", text: 'a "quoted" line\n\u2028 and half an emoji \ud83d' },
  { kind: "tokens", tokens: [token, { id: 7, bytes: null, text: "", logprob: null }], alternatives: [[token], []] },
  { kind: "tokens", tokens: [], alternatives: null },
  { kind: "toolCalls", calls: [{ index: 0, isNew: true, id: null, name: "find", arguments: '{"__proto__":1}' }] },
  { kind: "reasoning", text: "" },
  { kind: "refusal", text: "no" },
  { kind: "usage", promptTokens: 9 },
  { kind: "prompt", tokenIds: [1, 2] },
  { kind: "finishReason", reason: "stop" },
  { kind: "images", imagesBase64: ["AA=="] },
  { kind: "vectors", vectorsBase64: ["AACAPw=="] },
];

describe("packEvents", () => {
  it("brings parts of every kind across as they were, event by event and in order", () => {
    const events = [everyKind, [], everyKind.map((part) => part).reverse()];
    expect(unpackEvents(packEvents(events))).toEqual(events);
    expect(unpackEvents(packEvents([]))).toEqual([]);
  });
});
