import { describe, expect, it } from "@jest/globals";
import { createConversationPace } from "./conversation-pace.js";

describe("createConversationPace", () => {
  const noteMany = (pace: ReturnType<typeof createConversationPace>, taskId: string, firsts: number, turns: number) => {
    for (let index = 0; index < firsts; index += 1) pace.note(taskId, true);
    for (let index = 0; index < turns; index += 1) pace.note(taskId, false);
  };

  it("tells how many requests a conversation has, by task; 1 while nothing is known, and near it while little is", () => {
    const pace = createConversationPace();
    expect(pace.requestsPerConversation("chat")).toBe(1);
    noteMany(pace, "chat", 2, 2);
    expect(pace.requestsPerConversation("chat")).toBeLessThan(1.2);
    noteMany(pace, "chat", 998, 998);
    expect(pace.requestsPerConversation("chat")).toBeCloseTo(2, 1);
    expect(pace.requestsPerConversation("completion")).toBe(1);
  });

  it("tells how many conversations requests are: one at least, and none of none", () => {
    const pace = createConversationPace();
    expect(pace.conversationsIn("chat", 7)).toBe(7);
    noteMany(pace, "chat", 1_000, 3_000);
    expect(pace.conversationsIn("chat", 100)).toBeCloseTo(100 / pace.requestsPerConversation("chat"));
    expect([2, 1, 0].map((requests) => pace.conversationsIn("chat", requests))).toEqual([1, 1, 0]);
  });

  it("forgets what is long ago", () => {
    const pace = createConversationPace();
    noteMany(pace, "chat", 1_000, 2_000);
    for (let period = 0; period < 6; period += 1) {
      noteMany(pace, "chat", 1_000, 0);
      pace.endPeriod();
    }
    expect(pace.requestsPerConversation("chat")).toBeLessThan(1.05);
  });
});
