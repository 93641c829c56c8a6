import { describe, expect, it } from "@jest/globals";
import { cutAtMark, type TemplateMessage, withMark } from "./chat-template.js";

const asGiven = (messages: readonly TemplateMessage[]) =>
  messages.map(({ role, content }) => `<|im_start|>${role}\n${content}<|im_end|>\n`).join("");
const trimming = (messages: readonly TemplateMessage[]) =>
  asGiven(messages.map(({ role, content }) => ({ role, content: content.trim() })));
const opened = (content: string) => `<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n${content}`;
const begun = (content: string) => [
  { role: "user", content: "Hello" },
  { role: "assistant", content },
];

describe("the beginning of an answer in a template", () => {
  it.each(["The capital of", " the end ", "end", "im", "\n", "I", "|>"])(
    "was looked for by its own words, and %j was found in what closes a message: it ends where the message does",
    (content) => expect(cutAtMark(asGiven(withMark(begun(content))))).toBe(opened(content)),
  );

  it("is trimmed where the template trims messages", () => {
    expect(cutAtMark(trimming(withMark(begun("The capital of "))))).toBe(opened("The capital of"));
  });

  it("is refused where the template leaves it out", () => {
    expect(() => cutAtMark(asGiven([{ role: "user", content: "Hello" }]))).toThrow("leaves out");
  });
});
