import type { AnswerPart, ClaimedToken } from "../answer.js";

/** A part of the kind. */
export type PartOf<Kind extends AnswerPart["kind"]> = Extract<AnswerPart, { readonly kind: Kind }>;

/** Tokens that a user is shown, with the alternatives of each; null where none are listed. */
export type ShownTokens = Pick<PartOf<"tokens">, "tokens" | "alternatives">;

// Names that tokenizers give to the tokens that end an answer or a turn; servers list them although they are no part of the text.
const END_TOKEN = /^(?:<[|｜][^<>]{1,64}[|｜]>|<\/s>|<eos>|<end_of_turn>|\[EOS\])$/;

/** The tokens of one event without those that only end the answer: users see tokens of the text. */
export function shownTokens({ tokens, alternatives }: PartOf<"tokens">, text: string): ShownTokens {
  const isShown = (token: ClaimedToken) => !END_TOKEN.test(token.text) || text.includes(token.text);
  if (tokens.every(isShown)) return { tokens, alternatives };
  const kept = tokens.map(isShown);
  return {
    tokens: tokens.filter((_, index) => kept[index]),
    alternatives: alternatives === null ? null : alternatives.filter((_, index) => kept[index]),
  };
}
