import { protocolLimits, type Task } from "@vision/protocol";
import { drawBetween, drawInt, type Random } from "../random.js";

/** Temperatures as users send them: often 0 or OpenAI's default, otherwise a round number between. */
export function drawTemperature(random: Random, task: Task): number {
  if (isTemperatureBound(task)) return 0;
  const draw = random.next();
  if (draw < 0.4) return 0;
  if (draw < 0.6) return 1;
  if (draw < 0.75) return 0.7;
  return Math.round(drawBetween(random, 0.1, 1.2) * 10) / 10;
}

/** A sampler that is not part of the task can only be audited where it has no choice: at temperature 0. */
function isTemperatureBound(task: Task): boolean {
  return task.check.kind === "teacher-forcing" && task.check.sampler === "any";
}

/** A seed, over the whole range that the protocol allows. */
export function drawSeed(random: Random): number {
  return drawInt(random, 0, protocolLimits.seed);
}

/**
 * Output limit of a text request, tokens: around the task's typical size, now and then twice as long, within the context and the
 * bound given. At least 1.
 */
export function drawMaxTokens(random: Random, task: Task, maxUnits: number): number {
  const typical = task.typicalUnitsPerRequest;
  const factor = random.next() < 0.1 ? drawBetween(random, 1.5, 2.5) : drawBetween(random, 0.5, 1.5);
  // Prompts of this generator stay below a quarter of any context that a task may have.
  const contextBound = Math.floor((task.contextTokens ?? protocolLimits.outputTokens) * 0.75);
  return Math.max(1, Math.min(Math.round(typical * factor), contextBound, Math.floor(maxUnits), protocolLimits.outputTokens));
}
