import type { Task } from "@vision/protocol";

// What a user may add to a request without changing which answers are right, with a sampler that we do not control.
const harmlessFields: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "prompt",
  "max_tokens",
  "temperature",
  "seed",
  "stream",
  "stream_options",
  "logprobs",
  "top_logprobs",
  "top_p",
  "top_k",
  "stop",
]);

/**
 * Whether the answer to a normalised request can be judged fairly. Where the sampler is part of the task, and for images, every field has
 * a known effect; elsewhere fields such as `tools` or `logit_bias` change the answer in ways that a reference does not follow.
 */
export function isCheckable(task: Task, request: Readonly<Record<string, unknown>>): boolean {
  switch (task.check.kind) {
    case "none":
      return false;
    case "regenerate":
      return true;
    case "teacher-forcing":
      return task.check.sampler === "gumbel-max" || Object.keys(request).every((name) => harmlessFields.has(name));
  }
}
