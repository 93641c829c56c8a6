import { describe, expect, it } from "@jest/globals";
import { opensConversation } from "./opens-conversation.js";

const message = (role: string) => ({ role, content: "Hi" });

describe("opensConversation", () => {
  it("is what holds no answer: instructions and questions, a prompt, a picture", () => {
    for (const request of [
      { messages: [message("user")] },
      { messages: [message("system"), message("user"), message("user")] },
      { prompt: "Once upon a time" },
      { input: ["a", "b"] },
    ]) {
      expect({ request, opens: opensConversation(request) }).toEqual({ request, opens: true });
    }
  });

  it("is not what goes on after an answer, or is to go on with one", () => {
    expect(opensConversation({ messages: [message("user"), message("assistant"), message("user")] })).toBe(false);
    expect(opensConversation({ messages: [message("user"), message("assistant")], continue_final_message: true })).toBe(false);
  });
});
