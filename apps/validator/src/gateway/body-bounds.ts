import { enabledTasks, protocolLimits, type TaskFamily, type TaskRegistry } from "@vision/protocol";

/** How large a body may be. */
export type BodyBounds = {
  readonly bytes: number;
  /** Values that JSON may hold: numbers, texts, arrays and so on. */
  readonly values: number;
};

/** Around the prompt: tools, schemas, names of fields, white space. */
const BYTES_AROUND_PROMPT = 64 * 1024;
const VALUES_AROUND_PROMPT = 16_384;
/** A token is eight characters at most on average, and JSON may write each of them with six bytes. */
const BYTES_PER_TOKEN = 48;

/** Characters of base64 of a file, with what stands before them. */
const BYTES_PER_FILE = 4 * Math.ceil(protocolLimits.startImageBytes / 3);

/** The largest body that some task of the family that is switched on could use. What is larger is refused before it is read. */
export function bodyBounds(registry: TaskRegistry, family: Pick<TaskFamily, "name" | "fileFields">): BodyBounds {
  const tasks = enabledTasks(registry).filter((task) => task.family === family.name);
  const contextTokens = Math.max(0, ...tasks.map((task) => task.contextTokens ?? 0));
  return {
    bytes: Math.min(
      protocolLimits.requestBytes,
      BYTES_AROUND_PROMPT + BYTES_PER_TOKEN * contextTokens + (tasks.length > 0 ? family.fileFields.length * BYTES_PER_FILE : 0),
    ),
    // A prompt may be a list of token ids.
    values: VALUES_AROUND_PROMPT + contextTokens,
  };
}
