import type { AnswerPart, ClaimedToken, FinishReason } from "../answer.js";
import type { AddedParts, AnswerCollector } from "../family.js";
import { asFields, type Fields, firstChoice, isMissing, readPromptIds, readUsage, withTokenIds } from "./read-fields.js";
import type { TextCollector } from "./text-collector.js";
import { toFinishReason } from "./text-parts.js";

/** Tokens that a choice lists, with what stands beside them. */
export type ListedTokens = {
  readonly tokens: readonly ClaimedToken[];
  /** Of each token, where they were asked for. */
  readonly alternatives: readonly (readonly ClaimedToken[])[];
  /** The most that are listed for one token, asked for or not. */
  readonly mostAlternatives: number;
  /** Entries that are listed: more than tokens where lists differ in length. */
  readonly entries: number;
};

/** How a family's events and bodies differ from those of the other families that send text. */
export type TextShape = {
  readonly areAlternativesAsked: boolean;
  /** What such an event, or a whole body, is called. */
  nameOf(isWhole: boolean): string;
  /** The parts of a choice's text and calls; the name of the field that is not valid where one is not. */
  readText(choice: Fields, isWhole: boolean): readonly AnswerPart[] | string;
  /** The tokens of a choice; null where they are not what they have to be. */
  readTokens(logprobs: unknown): ListedTokens | null;
  /** The reason why the answer ended, from the one that the choice names. */
  reasonOf(named: FinishReason | null): FinishReason | null;
};

/** Reads the events of a stream, or one body, of a family that sends text, and hands their parts to the collector. */
export function createTextReader(collector: TextCollector, shape: TextShape): AnswerCollector {
  /** Whether the last choice gave an empty reason. Some servers give one with every event, others at the end alone. */
  let isLastEmpty = false;

  const read = (value: unknown, isWhole: boolean): AddedParts => {
    const refuse = (where: string): AddedParts => ({ ok: false, reason: `not a ${shape.nameOf(isWhole)}: ${where} is not valid` });
    const event = asFields(value);
    if (event === null || !isMissing(event["error"])) return refuse(event === null ? "it" : "error");
    const parts: AnswerPart[] = [];
    const usage = readUsage(event);
    if (usage !== null) parts.push(usage);
    const choice = firstChoice(event);
    if (typeof choice === "string") return refuse(choice);
    if (choice === null) return isWhole ? refuse("choices") : collector.add(parts, { entries: 0, alternatives: 0 });
    const said = shape.readText(choice, isWhole);
    if (typeof said === "string") return refuse(said);
    parts.push(...said);
    const listed = shape.readTokens(choice["logprobs"]);
    if (listed === null) return refuse("logprobs");
    const tokens = withTokenIds(listed.tokens, choice["token_ids"]);
    const prompt = readPromptIds(event, choice);
    if (prompt !== null) parts.push(prompt);
    if (tokens.length > 0) parts.push({ kind: "tokens", tokens, alternatives: shape.areAlternativesAsked ? listed.alternatives : null });
    const { finish_reason: finish } = choice;
    if (!isMissing(finish) && typeof finish !== "string") return refuse("finish_reason");
    isLastEmpty = finish === "";
    const reason = shape.reasonOf(toFinishReason(finish) ?? (isWhole && !isLastEmpty ? "unknown" : null));
    if (reason !== null) parts.push({ kind: "finishReason", reason });
    return collector.add(parts, { entries: listed.entries, alternatives: listed.mostAlternatives });
  };
  return {
    ...collector,
    addEvent: (event) => read(event, false),
    addBody: (body) => read(body, true),
    finish() {
      const isEnded = isLastEmpty && collector.hasContent() && !collector.isComplete();
      const reason = isEnded ? shape.reasonOf(collector.isFull() ? "length" : "stop") : null;
      if (reason !== null) collector.add([{ kind: "finishReason", reason }], { entries: 0, alternatives: 0 });
      return collector.finish();
    },
  };
}
