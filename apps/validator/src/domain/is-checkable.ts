import { getFamily, type RequestBody, type Task } from "@vision/protocol";

/**
 * Whether the answer to a normalised request can be judged fairly. Where the sampler is part of the task it is the whole of it: a request
 * that asks for more, as `top_p` does, is not followed by the reference. Elsewhere fields such as `tools` or `logit_bias` change the answer
 * in ways that a reference does not follow.
 */
export function isCheckable(task: Task, request: RequestBody): boolean {
  switch (task.check.kind) {
    case "none":
      return false;
    case "regenerate":
      return true;
    case "teacher-forcing": {
      const family = getFamily(task.family);
      if (task.check.sampler !== "gumbel-max") return family.isPlain(request);
      return family.findUnsupported(request, { ...task, capabilities: [] }) === null;
    }
  }
}
