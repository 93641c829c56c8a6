import { describe, expect, it } from "@jest/globals";
import { createUserSettingsBook } from "./user-settings-book.js";

const check = (limit: number, changes = {}) => ({
  ...{ isOrganic: true, taskId: "chat-phi-4" },
  request: { model: "chat-phi-4", messages: [{ role: "user", content: "My secret." }], max_tokens: limit },
  ...changes,
});

describe("createUserSettingsBook", () => {
  it("keeps the newest settings of users by task, never those of the validator's own requests, and no text", () => {
    const book = createUserSettingsBook();
    for (let limit = 0; limit < 700; limit += 1) {
      book.note(check(limit));
      book.note(check(10_000 + limit, { isOrganic: false }));
      book.note(check(20_000 + limit, { taskId: "chat-qwen2-5-7b" }));
    }
    const limits = book.of("chat-phi-4").map(({ max_tokens: limit }) => limit);
    expect(limits).toEqual(Array.from({ length: 500 }, (_, index) => 200 + index));
    expect(JSON.stringify(book.of("chat-phi-4"))).not.toContain("secret");
    expect(book.of("chat-qwen2-5-7b")).toHaveLength(500);
  });

  it("tells nothing of a few users, or of what is no request", () => {
    const book = createUserSettingsBook();
    for (let limit = 0; limit < 29; limit += 1) book.note(check(limit));
    book.note(check(1, { request: null }));
    book.note(check(1, { request: { messages: [], tools: [] } }));
    expect(book.of("chat-phi-4")).toEqual([]);
    book.note(check(29));
    expect(book.of("chat-phi-4")).toHaveLength(30);
  });
});
