import type { FinishReason } from "../answer.js";
import type { AnswerUsage } from "../family.js";

/** Usage as OpenAI writes it. */
export function presentUsage({ promptTokens, completionTokens }: AnswerUsage) {
  return { prompt_tokens: promptTokens, completion_tokens: completionTokens, total_tokens: promptTokens + completionTokens };
}

/** A finish reason as OpenAI has it; `stop` for any other word of a miner's. */
export function presentFinishReason(reason: FinishReason): Exclude<FinishReason, "unknown"> {
  return reason === "unknown" ? "stop" : reason;
}

/** Beginning of every event's JSON, up to the choices: written once, not for every event. */
export function eventHead(head: {
  readonly id: string;
  readonly object: string;
  readonly created: number;
  readonly model: string;
}): string {
  return `${JSON.stringify(head).slice(0, -1)},"choices":[`;
}
