import type { FinishReason, TaskCheck } from "@vision/protocol";
import type { Verdict } from "./verdict.js";

/** What the reference model thinks of one returned token. Logarithms are natural, of the model's own distribution (temperature 1). */
export type TokenScore = {
  readonly logprob: number;
  /** Tokens that the reference finds likelier; 0 is the best. */
  readonly rank: number;
  /** Best logit less this token's logit; 0 for the best. */
  readonly marginNats: number;
  /** True if this is the token that the seeded draw gives here. */
  readonly isSampledChoice: boolean;
  /** Log probability that the answer had ended here instead. */
  readonly endLogprob: number;
};

/** An answer with all that is needed to judge it. */
export type TextEvidence = {
  /** One per returned token, without an end token. `null`: the reference's vocabulary has no such token. */
  readonly tokenScores: readonly (TokenScore | null)[];
  /** Logprobs that the miner claims, in the same order. `null`: it sent none. */
  readonly claimedLogprobs: readonly (number | null)[];
  /** Score of the end token after the last token; needed if `finishReason` is `stop` and no stop sequence ended the answer, else null. */
  readonly endScore: TokenScore | null;
  readonly finishReason: FinishReason;
  /** True if the answer ended at one of the request's own stop sequences. */
  readonly isEndedByStopSequence: boolean;
  /** Tokens the answer could have: the request's limit, or what the context had room for, whichever is less. */
  readonly tokenLimit: number;
  readonly temperature: number;
};

type TextCheck = Extract<TaskCheck, { kind: "teacher-forcing" }>;
type Finding = { readonly quality: number; readonly reason: string };

/** Tokens at the start that carry the dependence on the prompt. */
const HEAD_TOKENS = 8;
/** Below this, differences of log probabilities mean nothing: e^-20. Servers write minus infinity as a large negative number. */
const LEAST_LOGPROB = -20;
/** A single token's claim may be off by this many times the allowed mean; honest engines stay below 42 times their mean of 0.002 nats. */
const MAX_CLAIM_FACTOR = 10;
/** Tokens of this rank or worse are unlikely for any sampler of the right model. */
const UNLIKELY_RANK = 10;
/** Unlikely tokens that sampling above temperature 0 may produce: three, and a tenth of the answer. */
const UNLIKELY_ALLOWED = { count: 3, fraction: 0.1 } as const;
/** An answer that goes on where ending was this many nats likelier is rambling on: a factor of 100. */
const RAMBLING_NATS = Math.log(100);
/** An end this unlikely, in nats, is a truncation whatever the sampler: e^-7 is below 0.1 %. */
const LEAST_END_LOGPROB = -7;

function judged(quality: number, reasons: readonly string[]): Verdict {
  return { kind: "judged", qualityFraction: quality, reasons };
}

/** 1 up to `allowed`, then falling in a straight line to 0 over `span` more. */
function grade(value: number, allowed: number, span: number): number {
  if (value <= allowed) return 1;
  return span > 0 ? Math.max(0, 1 - (value - allowed) / span) : 0;
}

function isFinished(scores: readonly TokenScore[]): boolean {
  return scores.every((score) => Number.isFinite(score.marginNats) && !Number.isNaN(score.logprob) && !Number.isNaN(score.endLogprob));
}

function judgeEnd(evidence: TextEvidence, check: TextCheck): Finding {
  const { finishReason, endScore, temperature } = evidence;
  const length = evidence.tokenScores.length;
  if (finishReason === "length") {
    return { quality: length >= evidence.tokenLimit ? 1 : 0, reason: `was cut off after ${length} of ${evidence.tokenLimit} tokens` };
  }
  if (finishReason !== "stop") return { quality: 0, reason: `did not end properly (${finishReason})` };
  if (evidence.isEndedByStopSequence || endScore === null) return { quality: 1, reason: "" };
  const reason = "stopped where the model does not end";
  if (temperature === 0) return { quality: grade(endScore.marginNats, check.marginNats, 2 * check.marginNats), reason };
  if (check.sampler === "gumbel-max" && endScore.isSampledChoice) return { quality: 1, reason };
  // An end that the seed does not give is a cut, unless it is close: numeric noise moves a draw only between near equals.
  if (check.sampler === "gumbel-max") return { quality: endScore.rank <= 1 ? 0.5 : 0, reason };
  return { quality: endScore.logprob >= LEAST_END_LOGPROB ? 1 : 0, reason };
}

function judgeGreedy(scores: readonly TokenScore[], check: TextCheck): readonly Finding[] {
  let excess = 0;
  let count = 0;
  for (const score of scores) {
    if (score.marginNats <= check.marginNats) continue;
    excess += score.marginNats - check.marginNats;
    count += 1;
  }
  return [{ quality: grade(excess, 0, 2 * check.marginNats), reason: `${count} tokens are not what the model answers at temperature 0` }];
}

function judgeSeeded(scores: readonly TokenScore[], check: TextCheck): readonly Finding[] {
  const isMiss = (score: TokenScore) => !score.isSampledChoice;
  const misses = scores.filter(isMiss).length;
  const headMisses = scores.slice(0, HEAD_TOKENS).filter(isMiss).length;
  // Rounded so that 0.03 x 100 tokens allows 3, not 2.9999.
  const allowed = Math.round(scores.length * (1 - check.minMatchFraction) * 1e6) / 1e6;
  return [
    { quality: grade(misses, allowed, 2 * allowed + 1), reason: `${misses} of ${scores.length} tokens are not what the seed gives` },
    { quality: grade(headMisses, 1, 2), reason: `${headMisses} of the first ${HEAD_TOKENS} tokens are not what prompt and seed give` },
  ];
}

function judgePlausible(scores: readonly TokenScore[]): readonly Finding[] {
  const unlikely = scores.filter((score) => score.rank >= UNLIKELY_RANK || score.logprob === Number.NEGATIVE_INFINITY).length;
  const allowed = UNLIKELY_ALLOWED.count + scores.length * UNLIKELY_ALLOWED.fraction;
  const rambling = scores.filter((score) => score.endLogprob - score.logprob > RAMBLING_NATS).length;
  return [
    { quality: grade(unlikely, allowed, allowed), reason: `${unlikely} of ${scores.length} tokens are unlikely for the model` },
    { quality: rambling === 0 ? 1 : 0, reason: "went on where the model had ended" },
  ];
}

function judgeClaims(scores: readonly TokenScore[], claimed: readonly number[], check: TextCheck): readonly Finding[] {
  if (scores.length === 0) return [];
  let sum = 0;
  let largest = 0;
  scores.forEach((score, index) => {
    const difference = Math.abs(Math.max(score.logprob, LEAST_LOGPROB) - Math.max(claimed[index] ?? LEAST_LOGPROB, LEAST_LOGPROB));
    sum += difference;
    largest = Math.max(largest, difference);
  });
  const mean = sum / scores.length;
  const allowed = check.maxLogprobDifference;
  const most = allowed * MAX_CLAIM_FACTOR;
  return [
    { quality: grade(mean, allowed, allowed), reason: `claimed logprobs are off by ${mean.toFixed(3)} nats on average` },
    { quality: grade(largest, most, most), reason: `a claimed logprob is off by ${largest.toFixed(3)} nats` },
  ];
}

/**
 * Judges a text answer by what the reference model thinks of its tokens.
 *
 * The mean logprob is not looked at: an answer to another prompt has a normal one. At temperature 0 every token must be within
 * `marginNats` of the best; above it, with a sampler that is part of the task, nearly every token must be the seed's; with any other
 * sampler only implausible tokens count. The end must be the model's too, and the claimed logprobs must be the reference's. The verdict is the
 * worst of these; each is exactly 1 for an honest answer and falls gradually past its tolerance, where numeric noise is possible.
 *
 * @returns Quality 0 for missing logprobs and unknown tokens; inconclusive for anything that is the validator's own failing.
 */
export function judgeText(evidence: TextEvidence, check: TaskCheck): Verdict {
  if (check.kind === "none") return judged(1, []);
  if (check.kind !== "teacher-forcing") return { kind: "inconclusive", reason: `text cannot be checked by ${check.kind}` };
  const { tokenScores, claimedLogprobs, endScore } = evidence;
  if (tokenScores.length !== claimedLogprobs.length) return { kind: "inconclusive", reason: "scores and claims differ in number" };
  if (tokenScores.length > evidence.tokenLimit) return judged(0, [`the answer has more than ${evidence.tokenLimit} tokens`]);
  const scores = tokenScores.filter((score) => score !== null);
  if (scores.length < tokenScores.length) return judged(0, ["a returned token is not in the model's vocabulary"]);
  const claimed = claimedLogprobs.filter((logprob) => logprob !== null && !Number.isNaN(logprob)).map(Number);
  if (claimed.length < claimedLogprobs.length) return judged(0, ["logprobs are missing"]);
  const needsEnd = evidence.finishReason === "stop" && !evidence.isEndedByStopSequence;
  if (needsEnd && endScore === null) return { kind: "inconclusive", reason: "the end of the answer was not scored" };
  if (!isFinished(endScore === null ? scores : [...scores, endScore])) {
    return { kind: "inconclusive", reason: "the reference gave values that are not numbers" };
  }
  const findings = [judgeEnd(evidence, check), ...judgeClaims(scores, claimed, check)];
  if (evidence.temperature === 0) findings.push(...judgeGreedy(scores, check));
  else if (check.sampler === "gumbel-max") findings.push(...judgeSeeded(scores, check));
  else findings.push(...judgePlausible(scores));
  const faults = findings.filter((finding) => finding.quality < 1);
  return judged(
    faults.reduce((worst, fault) => Math.min(worst, fault.quality), 1),
    faults.map((fault) => fault.reason),
  );
}
