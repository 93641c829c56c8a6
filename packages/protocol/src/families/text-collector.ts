import { type AnswerBudgetOptions, createAnswerBudget } from "./answer-budget.js";
import type { Answer, AnswerCollector, ClaimedToken, FinishReason } from "./family.js";
import { toFinishReason } from "./text-parts.js";

/** What one part of a text reply adds to the answer, in whatever shape its family sends it. */
export type TextPart = {
  readonly text: string | null | undefined;
  readonly tokens: readonly ClaimedToken[];
  /** Entries that the part lists for its tokens; more than `tokens` when its lists differ in length. */
  readonly entryCount: number;
  /** The most alternatives listed for one token. */
  readonly alternatives: number;
  /** As the server named it. */
  readonly finishReason: string | null | undefined;
};

/** Puts parts together; `null` from `add` means that the part fits, otherwise it is the reason why not. */
export type TextCollector = Pick<AnswerCollector, "hasContent" | "soFar" | "finish"> & { add(part: TextPart): string | null };

/** Collector of text, the same for every family that sends text: within the budget, in order, ended by a finish reason. */
export function createTextCollector(options: AnswerBudgetOptions): TextCollector {
  const budget = createAnswerBudget(options);
  const texts: string[] = [];
  const tokens: ClaimedToken[] = [];
  let finishReason: FinishReason | null = null;

  const answer = (reason: FinishReason): Answer => ({ kind: "text", text: texts.join(""), tokens, finishReason: reason });

  return {
    add(part) {
      const text = part.text ?? "";
      const problem = budget.addText(text) ?? budget.addTokens(part.entryCount) ?? budget.checkAlternatives(part.alternatives);
      if (problem !== null) return problem;
      if (text !== "") texts.push(text);
      for (const token of part.tokens) tokens.push(token);
      finishReason = toFinishReason(part.finishReason) ?? finishReason;
      return null;
    },
    hasContent: () => texts.length > 0,
    soFar: () => answer(finishReason ?? "unknown"),
    finish() {
      if (finishReason === null) return { ok: false, reason: "the answer ended without a finish_reason" };
      return { ok: true, answer: answer(finishReason) };
    },
  };
}
