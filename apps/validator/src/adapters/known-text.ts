import type { ReferenceModel } from "../ports/index.js";

/** A text of which any language model knows how it goes on. */
const KNOWN_TEXT = "The capital of Italy is";
const LIKELY = " Rome";
const UNLIKELY = " banana";

/** What a model makes of a text whose end every language model knows: one that is damaged finds one end as likely as another. `said` is for people. */
export async function knowsText(model: ReferenceModel, signal: AbortSignal): Promise<{ readonly isKnown: boolean; readonly said: string }> {
  const prompt = await model.readPrompt({ kind: "text", text: KNOWN_TEXT }, signal);
  if (prompt.kind === "unusable") return { isKnown: false, said: `cannot read a prompt: ${prompt.reason}` };
  const logprobOf = async (ending: string) => {
    const [token] = await model.encode(ending, signal);
    if (token === undefined) return Number.NaN;
    const scored = await model.score({ promptTokens: prompt.tokens, outputTokens: [token] }, signal);
    return scored.kind === "scored" ? (scored.positions[0]?.logprob ?? Number.NaN) : Number.NaN;
  };
  const [likely, unlikely] = [await logprobOf(LIKELY), await logprobOf(UNLIKELY)];
  const said = `does not find "${KNOWN_TEXT}${LIKELY}" likelier than "${KNOWN_TEXT}${UNLIKELY}" (${likely.toFixed(2)} and ${unlikely.toFixed(2)} nats)`;
  return { isKnown: likely > unlikely, said };
}

/** What a model thinks of each token of a longer text, nats; null where it cannot read it. Models of the same weights think nearly the same. */
export async function scoreKnownText(model: ReferenceModel, signal: AbortSignal): Promise<readonly number[] | null> {
  const prompt = await model.readPrompt({ kind: "text", text: KNOWN_TEXT }, signal);
  if (prompt.kind === "unusable") return null;
  const outputTokens = await model.encode(
    `${LIKELY}, and the capital of France is Paris. She went to the market to buy some bread.`,
    signal,
  );
  const scored = await model.score({ promptTokens: prompt.tokens, outputTokens }, signal);
  return scored.kind === "scored" ? scored.positions.map(({ logprob }) => logprob) : null;
}
