import { getFamily, type RequestBody, type Task, type TaskCapability } from "@vision/protocol";

/** What the judge follows of a request beside its prompt; see `measureDraws`. */
const FOLLOWED: readonly TaskCapability[] = ["sampling", "logit-bias", "continuation"];

/**
 * Whether the answer to a normalised request can be judged fairly. Fields about drawing are followed as far as they can be; others, such as
 * `tools`, change the prompt in ways that a reference does not follow. Where no engine but those that we know may serve a task, fields that
 * nobody knows change nothing.
 */
export function isCheckable(task: Task, request: RequestBody): boolean {
  switch (task.check.kind) {
    case "none":
      return false;
    case "regenerate":
    case "embed":
      return true;
    case "teacher-forcing": {
      const family = getFamily(task.family);
      if (task.check.samplers.includes("unknown")) return family.isPlain(request);
      return family.findUnsupported(request, { ...task, capabilities: FOLLOWED }) === null;
    }
  }
}
