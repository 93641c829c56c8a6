import type { Task } from "@vision/protocol";
import type { ReferenceModel, ReferencePrompt, WrittenText } from "../reference-model.js";

/** What a task's model is to write. */
export type WritingRequest = {
  readonly task: Task;
  readonly prompt: ReferencePrompt;
  /** Fewer where the context holds no more. */
  readonly maxTokens: number;
  readonly seed: number;
  readonly signal: AbortSignal;
};

/** A small model does not stay with what it was told at 1: of SmolLM2-135M came lists of letters. */
const TEMPERATURE = 0.8;

/** What a model goes on with after a prompt; null where it cannot read it, or has no room left. Rejects where it fails. */
export async function writeByModel(
  { prompt, maxTokens, seed, signal }: Omit<WritingRequest, "task">,
  model: ReferenceModel,
): Promise<WrittenText | null> {
  const { contextTokens } = await model.facts(signal);
  const read = await model.readPrompt(prompt, signal);
  if (read.kind === "unusable" || read.tokens.length === 0) return null;
  const room = Math.min(maxTokens, contextTokens - read.tokens.length);
  if (room < 1) return null;
  const written = await model.write({ promptTokens: read.tokens, maxTokens: room, temperature: TEMPERATURE, seed }, signal);
  return written.kind === "written" ? written : null;
}
