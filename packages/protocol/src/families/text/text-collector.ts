import type { Answer, AnswerPart, ClaimedToken, FinishReason } from "../answer.js";
import type { AddedParts, AnswerCollector } from "../family.js";
import { type AnswerBudgetOptions, createAnswerBudget } from "./answer-budget.js";
import { countTextUnits } from "./text-parts.js";

/** Puts the parts of a text answer together. */
export type TextCollector = Omit<AnswerCollector, "addEvent" | "addBody"> & {
  /** True once as many work units have come as the request allows. */
  isFull(): boolean;
  /**
   * Takes in the parts of one event or body.
   *
   * @param counted - Entries that it lists for its tokens (more than tokens where its lists differ in length), and the most alternatives
   *   that it lists for one token.
   */
  add(parts: readonly AnswerPart[], counted: { readonly entries: number; readonly alternatives: number }): AddedParts;
};

/** Collector of text, the same for every family that sends text: within the budget, in order, ended by a finish reason. */
export function createTextCollector(options: AnswerBudgetOptions & { readonly hasTools: boolean }): TextCollector {
  const budget = createAnswerBudget(options);
  const texts: string[] = [];
  const tokens: ClaimedToken[] = [];
  let characters = 0;
  let otherCharacters = 0;
  let hasContent = false;
  let finishReason: FinishReason | null = null;
  let promptTokenIds: readonly number[] | null = null;

  const otherTokens = () => Math.ceil(otherCharacters / 4);
  const unitsSoFar = () => countTextUnits({ tokens: tokens.length, characters, otherTokens: otherTokens() }, options.maxTokens);

  const answer = (reason: FinishReason): Answer => ({
    ...{ kind: "text", text: texts.join(""), tokens, finishReason: reason },
    ...(promptTokenIds === null ? {} : { promptTokenIds }),
    ...(tokens.length === 0 && otherCharacters > 0 ? { otherTokens: otherTokens() } : {}),
  });

  const addOther = (text: string): string | null => {
    if (text === "") return null;
    otherCharacters += text.length;
    hasContent = true;
    return budget.addText(text);
  };

  /** Takes one part in; returns the reason why it does not fit, or null. */
  const addPart = (part: AnswerPart): string | null => {
    switch (part.kind) {
      case "text": {
        if (part.text === "") return null;
        hasContent = true;
        // What is too long is not counted first.
        const problem = budget.addText(part.text);
        if (problem !== null) return problem;
        texts.push(part.text);
        for (const _ of part.text) characters += 1;
        return null;
      }
      case "tokens":
        for (const token of part.tokens) tokens.push(token);
        return null;
      case "reasoning":
      case "refusal":
        return addOther(part.text);
      case "toolCalls":
        for (const call of part.calls) {
          // Nobody is paid for calling what was not offered.
          const problem = budget.addText(call.arguments) ?? (options.hasTools ? addOther(call.name ?? "") : null);
          if (problem !== null) return problem;
          if (options.hasTools) otherCharacters += call.arguments.length;
        }
        hasContent ||= options.hasTools;
        return null;
      case "finishReason":
        finishReason = part.reason;
        return null;
      case "prompt":
        promptTokenIds = part.tokenIds;
        return null;
      case "usage":
      case "images":
      case "vectors":
        return null;
    }
  };

  return {
    add(parts, { entries, alternatives }) {
      let problem = budget.addTokens(entries) ?? budget.checkAlternatives(alternatives);
      for (const part of parts) problem ??= addPart(part);
      return problem === null ? { ok: true, parts } : { ok: false, reason: problem };
    },
    hasContent: () => hasContent,
    isComplete: () => finishReason !== null,
    isFull: () => unitsSoFar() >= options.maxTokens,
    unitsSoFar,
    finish() {
      if (finishReason === null) return { ok: false, reason: "the answer ended without a finish_reason" };
      return { ok: true, answer: answer(finishReason) };
    },
  };
}
