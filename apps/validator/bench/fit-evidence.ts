import { type AnswerEvidence, BIN_EDGES } from "@vision/scoring";
import { createEmbeddedPair, drawRequests } from "./roc/index.js";

/** Answers of one player, as the judge counts them. */
export type PlayerCounts = {
  readonly name: string;
  readonly isHonest: boolean;
  readonly answers: readonly AnswerEvidence[];
  /** What each was found worth, 0 to 1. Shape: as `answers`. */
  readonly qualities: readonly number[];
};

/** `only`: a part of the names of the players that take part. `seed`: of the requests. */
export type FitOptions = { readonly answersEach: number; readonly only: string; readonly seed: string };

const MAX_TOKENS = 96;

/** Lets every player answer the same requests and counts what the judge sees. */
export async function collectEvidence({ answersEach, only, seed }: FitOptions): Promise<readonly PlayerCounts[]> {
  const pair = await createEmbeddedPair();
  const { task, reference } = pair;
  const requests = drawRequests(task, { count: answersEach, maxTokens: MAX_TOKENS, seed });
  const signal = new AbortController().signal;
  const counts: PlayerCounts[] = [];
  for (const { name, isHonest, answer } of pair.players.filter((player) => player.name.includes(only))) {
    const [answers, qualities]: [AnswerEvidence[], number[]] = [[], []];
    for (const request of requests) {
      const given = await answer(request);
      if (given === null) continue;
      const verdict = await reference.check({ task, request, answer: given, sampler: "gumbel-murmur3", signal });
      if (verdict.kind !== "judged" || verdict.evidence === undefined) continue;
      answers.push(verdict.evidence);
      qualities.push(verdict.qualityFraction);
    }
    console.error(`${name}: ${answers.length} answers, ${qualities.filter((quality) => quality < 1).length} of them less than right`);
    counts.push({ name, isHonest, answers, qualities });
  }
  await pair.close();
  return counts;
}

/** Natural logarithms of the shares of the bins, no bin rarer than one token in ten thousand. */
export function logShares(answers: readonly AnswerEvidence[], of: "margins" | "claims"): readonly number[] {
  const counts = new Array<number>(BIN_EDGES.length + 1).fill(0);
  for (const answer of answers) {
    for (const [bin, count] of (answer[of] ?? []).entries()) counts[bin] = (counts[bin] ?? 0) + count;
  }
  const total = counts.reduce((sum, count) => sum + count, 0);
  const floored = counts.map((count) => Math.max(count / total, 1e-4));
  const sum = floored.reduce((whole, share) => whole + share, 0);
  return floored.map((share) => Math.round(Math.log(share / sum) * 100) / 100);
}
