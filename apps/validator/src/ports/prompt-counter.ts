import type { RequestBody, Task } from "@vision/protocol";

/** What is known of a prompt's length. */
export type PromptCount =
  | { readonly kind: "counted"; readonly promptTokens: number }
  /** No answer of one token would fit behind it, or the model cannot read it at all. `reason` is fit for users. */
  | { readonly kind: "unusable"; readonly reason: string }
  /** There is no tokenizer for the task's model here. */
  | { readonly kind: "unknown" };

/** What token ids say. */
export type PromptText =
  | { readonly kind: "text"; readonly text: string }
  /** They are no text that the model would read as these tokens. `reason` is fit for users. */
  | { readonly kind: "unusable"; readonly reason: string }
  /** There is no tokenizer for the task's model here. */
  | { readonly kind: "unknown" };

/** Reads prompts exactly as the task's model does, template included. */
export type PromptCounter = {
  /** The text that the model reads as exactly these tokens. Never rejects. */
  textOf(task: Task, tokenIds: readonly number[]): Promise<PromptText>;
  /** Counts a request that the family's schema has parsed. Never rejects: what cannot be counted is `unknown`. */
  count(task: Task, request: RequestBody): Promise<PromptCount>;
};
