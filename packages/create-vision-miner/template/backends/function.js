// @ts-check
import { textBackend } from "@vision/sdk/backends";

/** Your engine. This one says the prompt back, word by word: put your own in its place. */
export function createBackend() {
  return textBackend({
    name: "my-engine",
    async generate({ prompt, signal }) {
      const text = prompt.kind === "chat" ? `You said: ${lastWords(prompt.messages)}` : prompt.text;
      return { promptTokens: text.length, tokens: sayBack(text, signal) };
    },
  });
}

/** @param {readonly { content?: unknown }[]} messages */
function lastWords(messages) {
  const content = messages.at(-1)?.content;
  return typeof content === "string" ? content : "something";
}

/**
 * Tokens as a model gives them. Validators check answers by their `logprob` (natural logarithm), so give the model's own.
 *
 * @param {string} text
 * @param {AbortSignal} signal
 */
async function* sayBack(text, signal) {
  for (const word of text.match(/\s*\S+/g) ?? []) {
    signal.throwIfAborted();
    yield { text: word, bytes: new TextEncoder().encode(word), logprob: 0, topLogprobs: [], isEnd: false };
  }
  yield { text: "", bytes: new Uint8Array(), logprob: 0, topLogprobs: [], isEnd: true };
}
