import { getFamily, type RequestBody, type Task } from "@vision/protocol";

/**
 * Whether the answer to a normalised request can be judged fairly. Where the sampler is part of the task, and for images, every field has
 * a known effect; elsewhere fields such as `tools` or `logit_bias` change the answer in ways that a reference does not follow.
 */
export function isCheckable(task: Task, request: RequestBody): boolean {
  switch (task.check.kind) {
    case "none":
      return false;
    case "regenerate":
      return true;
    case "teacher-forcing":
      return task.check.sampler === "gumbel-max" || getFamily(task.family).isPlain(request);
  }
}
