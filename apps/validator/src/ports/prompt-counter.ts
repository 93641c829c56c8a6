import type { RequestBody, Task } from "@vision/protocol";

/** What is known of a prompt's length. */
export type PromptCount =
  | { readonly kind: "counted"; readonly promptTokens: number }
  /** No answer of one token would fit behind it, or the model cannot read it at all. `reason` is fit for users. */
  | { readonly kind: "unusable"; readonly reason: string }
  /** There is no tokenizer for the task's model here. */
  | { readonly kind: "unknown" };

/** Counts the tokens of prompts exactly as the task's model reads them, template included. */
export type PromptCounter = {
  /** Counts a request that the family's schema has parsed. Never rejects: what cannot be counted is `unknown`. */
  count(task: Task, request: RequestBody): Promise<PromptCount>;
};
