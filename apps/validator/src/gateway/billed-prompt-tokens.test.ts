import { describe, expect, it } from "@jest/globals";
import { billedPromptTokens } from "./billed-prompt-tokens.js";

const request = { model: "m", messages: [{ role: "user", content: "What is the capital of Italy?" }] };
const unknown = { kind: "unknown" } as const;
const bill = (reportedTokens: number | null, changes: Readonly<Record<string, unknown>> = {}) =>
  billedPromptTokens({ count: unknown, request, promptCharacters: 29, reportedTokens, ...changes });

describe("billedPromptTokens", () => {
  it("regression: a miner's prompt_tokens were believed up to two millions", () => {
    expect(bill(2_000_000)).toBeLessThan(JSON.stringify(request).length + 1_000);
    expect(bill(2_000_000, { count: { kind: "counted", promptTokens: 17 } })).toBe(17);
    expect(bill(0)).toBe(1);
  });

  it("believes what is plausible, and estimates where nothing was reported", () => {
    expect(bill(31)).toBe(31);
    expect(bill(null)).toBe(8);
    expect(bill(null, { promptCharacters: 0 })).toBe(1);
    const pictures = { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "https://x/y.png" } }] }] };
    expect(bill(3_000, { request: pictures })).toBe(3_000);
  });
});
