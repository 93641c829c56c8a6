import type { ScoredPosition } from "@vision/protocol";
import { BackendError } from "../inference-backend.js";
import type { LlamaEngine } from "./llama-engine.js";
import type { EvaluateItem, EvaluateOutput } from "./node-llama-cpp.js";

/**
 * What the model thinks of given answer tokens, in one pass over prompt and answer.
 *
 * @param request - `bestCount`: likeliest tokens listed at each position, 1 or more. Prompt and answer hold at least one token each, and
 *   together at most the engine's context.
 * @returns One for each answer token. A `rank` that is `bestCount` means that or worse.
 * @throws BackendError `failed` where llama.cpp hands over less than was asked for, `busy` where all sequences are taken.
 */
export async function scoreLlamaTokens(
  engine: LlamaEngine,
  request: { readonly promptTokens: readonly number[]; readonly outputTokens: readonly number[]; readonly bestCount: number },
): Promise<readonly ScoredPosition[]> {
  const { promptTokens, outputTokens, bestCount } = request;
  const tokens = [...promptTokens, ...outputTokens];
  const first = promptTokens.length - 1;
  // The last token is scored by what comes before it; nothing comes after it.
  const items = tokens.slice(0, -1).map((token, index): EvaluateItem => {
    const next = tokens[index + 1];
    if (index < first || next === undefined) return token;
    const filter = { tokens: [next], includeSelected: true, includeTop: bestCount };
    // Temperature 0 keeps the logits raw: any other scales them before they are handed over.
    return [token, { generateNext: { token: true, totalLogitWeight: true, logits: { filter }, options: { temperature: 0 } } }];
  });
  const { sequence, release } = engine.takeSequence();
  try {
    const outputs = await sequence.controlledEvaluate(items);
    return outputTokens.map((tokenId, index) => scoredPosition(outputs[first + index], tokenId, bestCount));
  } finally {
    await release();
  }
}

function scoredPosition(output: EvaluateOutput | undefined, tokenId: number, bestCount: number): ScoredPosition {
  const { token, logits, totalLogitWeight } = output?.next ?? {};
  const own = logits?.get(tokenId);
  const largest = token === undefined || token === null ? undefined : logits?.get(token);
  if (logits === undefined || own === undefined || largest === undefined || totalLogitWeight === undefined) {
    throw new BackendError({ code: "failed", message: "llama.cpp returned no logits." });
  }
  const logNormaliser = largest + Math.log(totalLogitWeight);
  const ranked = [...logits].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, bestCount);
  let rank = 0;
  for (const [, logit] of ranked) if (logit > own) rank += 1;
  return {
    tokenId,
    logprob: own - logNormaliser,
    rank,
    bestIds: ranked.map(([id]) => id),
    bestLogprobs: ranked.map(([, logit]) => logit - logNormaliser),
  };
}
