import { describe, expect, it } from "@jest/globals";
import type { AnswerPart, ClaimedToken } from "@vision/protocol";
import { keepBegunAnswer } from "./begun-answer.js";

const tokens = (count: number): AnswerPart => ({
  kind: "tokens",
  tokens: Array.from({ length: count }, (): ClaimedToken => ({ bytes: null, text: "x", logprob: -1 })),
  alternatives: null,
});
const text = (said: string): AnswerPart => ({ kind: "text", text: said });

function begun(...parts: readonly AnswerPart[]) {
  const keeper = keepBegunAnswer();
  for (const part of parts) keeper.add([part]);
  return keeper.read();
}

describe("keepBegunAnswer", () => {
  it("puts the text together and counts its tokens, or a quarter of its characters", () => {
    expect(begun(text("The"), tokens(1), text(" capital"), tokens(2))).toEqual({ text: "The capital", units: 3 });
    expect(begun(text("The"), text(" capital"))).toEqual({ text: "The capital", units: 3 });
  });

  it("a miner that broke off charged the user for all the tokens that it listed: no more than the text has bytes", () => {
    expect(begun(text("ü"), tokens(4_000))).toEqual({ text: "ü", units: 2 });
  });

  it("counts all that was seen, be it thoughts or calls, and no tokens that it does not hold", () => {
    const keeper = keepBegunAnswer();
    keeper.add([{ kind: "reasoning", text: "hmhm" }]);
    keeper.add([{ kind: "toolCalls", calls: [{ index: 0, isNew: true, id: "1", name: "find", arguments: '{"a":12}' }] }]);
    expect(keeper.units()).toBe(4);
    keeper.add([tokens(900), text("ü")]);
    expect(keeper.units()).toBe(18);
    expect(keeper.read()).toBeNull();
  });

  it("is nothing that another miner could go on with where more than text was seen, no text, or the end", () => {
    expect(begun(tokens(2))).toBeNull();
    expect(begun(text("The"), { kind: "reasoning", text: "hm" })).toBeNull();
    expect(begun(text("The"), { kind: "finishReason", reason: "stop" })).toBeNull();
  });
});
