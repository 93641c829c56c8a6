import type { Answer } from "@vision/protocol";

const token = (id: number, text: string, logprob: number) => ({ id, text, bytes: [...Buffer.from(text)], logprob });

/** Task of the question. */
export const KNOWN_TASK_ID = "chat-tiny";

/** A question to the embedded model, as it goes to miners. */
export function knownQuestion(content: string) {
  return { model: KNOWN_TASK_ID, messages: [{ role: "user", content }], max_tokens: 24, temperature: 0, seed: 5 };
}

/** What it is asked. */
export const KNOWN_QUESTION = "What is the capital of Italy?";

/** What {@link KNOWN_ANSWER} is no answer to. */
export const OTHER_QUESTION = "Tell me a story about a dog.";

/** What the embedded model answers, the same on every machine. */
export const KNOWN_ANSWER: Answer = {
  kind: "text",
  text: "The capital of Italy is Rome.",
  tokens: [
    token(487, "The", -0.000509),
    token(529, " capital", -0.00034),
    token(317, " of", -0.00005),
    token(3312, " Ital", -0.001482),
    token(91, "y", -0.003433),
    token(306, " is", -0.001022),
    token(513, " R", -0.107347),
    token(388, "ome", -0.067328),
    token(16, ".", -0.000057),
    { id: 2, text: "<|im_end|>", bytes: [], logprob: -0.000029 },
  ],
  finishReason: "stop",
};
