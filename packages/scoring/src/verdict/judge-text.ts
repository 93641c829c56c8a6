import {
  drawProbabilities,
  type FaultCode,
  type FinishReason,
  measureDraws,
  measureSurprise,
  type SamplerName,
  type SamplingRules,
  type ScoredPosition,
  type TaskCheck,
} from "@vision/protocol";
import { type AnswerEvidence, countBins, honestNoiseNats } from "../evidence/answer-evidence.js";
import { power } from "../power.js";
import { judgedWorthless, type Verdict } from "./verdict.js";

/** An answer with all that is needed to judge it. */
export type TextEvidence = {
  /** One per returned token, without an end token. `null`: the reference's vocabulary has no such token. */
  readonly positions: readonly (ScoredPosition | null)[];
  /**
   * What came after the last returned token and was not returned as one: the end token, or the tokens of a stop sequence that the engine
   * left out. Needed if `finishReason` is `stop` and the returned tokens hold no stop sequence; else empty.
   */
  readonly endPositions: readonly ScoredPosition[];
  /** The model's end tokens. */
  readonly endTokenIds: readonly number[];
  /** Logprobs that the miner claims, in the order of `positions`. `null`: it sent none. */
  readonly claimedLogprobs: readonly (number | null)[];
  readonly promptTokens: readonly number[];
  readonly finishReason: FinishReason;
  /** Last tokens that hold the stop sequence of the request's that ended the answer; 0 if none did. */
  readonly stopTokens: number;
  /** Tokens the answer could have: the request's limit, or what the context had room for, whichever is less. */
  readonly tokenLimit: number;
  /** How the miner says that it draws. */
  readonly sampler: SamplerName;
  readonly rules: SamplingRules;
  readonly seed: number;
};

type TextCheck = Extract<TaskCheck, { kind: "teacher-forcing" }>;
type Finding = { readonly quality: number; readonly fault: FaultCode; readonly reason: string };

/** Below this, differences of log probabilities mean nothing: e^-20. Servers write minus infinity as a large negative number. */
const LEAST_LOGPROB = -20;
/** A single token's claim may be off by this many times the allowed mean; honest engines stay below 42 times their mean of 0.002 nats. */
const MAX_CLAIM_FACTOR = 10;
/** Tokens of this rank or worse are unlikely for any sampler of the right model. */
const UNLIKELY_RANK = 10;
/** Unlikely tokens that an answer may have at any temperature: three, and a tenth of it. */
const UNLIKELY_ALLOWED = { count: 3, fraction: 0.1 } as const;
/** In so many tokens an answer may have one that lies twice as far behind its draw as the task allows; several times what honest ones have. */
const TOKENS_PER_CLOSE_CALL = 100;
/** Standard deviations above what honest draws have on average, at the request's temperature, that an answer may have: 3 in 100,000. */
const MOST_DEVIATIONS = 4;
/** An answer that goes on where ending was this many nats likelier is rambling on, a factor of 100; unless honest draws do so as often. */
const RAMBLING_NATS = 4.605170185988092; // ln 100
/** Of honest answers as many may ramble on as often, by chance, as one that is found guilty of it. */
const MOST_INNOCENT = 1e-3;
/** An end this unlikely, in nats, is a truncation whatever the sampler: e^-7 is below 0.1 %. Above temperature 1 by its share more. */
const LEAST_END_LOGPROB = -7;

/** 1 up to `allowed`, then falling in a straight line to 0 over `span` more. */
function grade(value: number, allowed: number, span: number): number {
  if (value <= allowed) return 1;
  return span > 0 ? Math.max(0, 1 - (value - allowed) / span) : 0;
}

function isFinished(positions: readonly ScoredPosition[]): boolean {
  return positions.every(({ logprob, bestLogprobs }) => !Number.isNaN(logprob) && Number.isFinite(bestLogprobs[0]));
}

function judgeEnd(evidence: TextEvidence, positions: readonly ScoredPosition[], areDrawsKnown: boolean): Finding {
  const { finishReason, endPositions, stopTokens, tokenLimit, rules } = evidence;
  const { length } = positions;
  if (finishReason === "length") {
    return { quality: length >= tokenLimit ? 1 : 0, fault: "cutOff", reason: `was cut off after ${length} of ${tokenLimit} tokens` };
  }
  if (finishReason !== "stop") return { quality: 0, fault: "brokenEnd", reason: `did not end properly (${finishReason})` };
  const reason = stopTokens > 0 ? "stopped at a stop sequence that the model does not write" : "stopped where the model does not end";
  // Known draws show a wrong end by themselves, and a grammar ends where it must.
  if (areDrawsKnown || rules.isConstrained) return { quality: 1, fault: "wrongEnd", reason };
  // Whoever writes the user's stop sequence into an answer ends it where it likes.
  const ending = [...positions.slice(length - stopTokens), ...endPositions];
  return {
    quality: ending.every(({ logprob }) => logprob >= LEAST_END_LOGPROB * Math.max(1, rules.temperature)) ? 1 : 0,
    fault: "wrongEnd",
    reason,
  };
}

/**
 * Every token may be `marginNats` behind its draw, and all of them together a little more, the more the longer the answer is: of a thousand tokens
 * that an honest engine of other arithmetic draws, one or two lie further.
 */
function judgeMargins(margins: readonly number[], { marginNats }: TextCheck, endCount: number): Finding {
  const excess = margins.map((margin) => Math.max(0, margin - marginNats));
  const total = excess.reduce((sum, each) => sum + each, 0);
  const far = excess.filter((each) => each > 0).length;
  const isEndAlone = far > 0 && excess.slice(0, excess.length - endCount).every((each) => each === 0);
  const reason = isEndAlone
    ? "stopped where the model does not end"
    : `${far} of ${margins.length} tokens are not what model, prompt and seed give`;
  return {
    quality: grade(total, (marginNats * margins.length) / TOKENS_PER_CLOSE_CALL, 2 * marginNats),
    fault: isEndAlone ? "wrongEnd" : "otherTokens",
    reason,
  };
}

/** Log probability that the answer had ended here instead, as far as the best tokens tell. */
function endLogprobAt({ bestIds, bestLogprobs }: ScoredPosition, endTokenIds: readonly number[]): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < bestIds.length; index += 1) {
    if (endTokenIds.includes(bestIds[index] ?? -1)) most = Math.max(most, bestLogprobs[index] ?? most);
  }
  return most;
}

/** Probability that so many or more of rare and independent events come, of which `expected` come on average (Poisson). */
function chanceOfAtLeast(count: number, expected: number): number {
  let fewer = 0;
  let term = power(Math.E, -expected);
  for (let index = 0; index < count; index += 1) {
    fewer += term;
    term *= expected / (index + 1);
  }
  return Math.max(0, 1 - fewer);
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** How many tokens of a kind an answer may have: what honest draws have, as far as chance goes. */
function mostByChance(chances: readonly number[]): number {
  const variance = sum(chances.map((chance) => chance * (1 - chance)));
  return sum(chances) + MOST_DEVIATIONS * Math.sqrt(variance);
}

function judgePlausible(positions: readonly ScoredPosition[], evidence: TextEvidence): readonly Finding[] {
  const { endTokenIds, rules, sampler, promptTokens } = evidence;
  const isUnlikely = ({ rank, logprob }: Pick<ScoredPosition, "rank" | "logprob">) =>
    rank >= UNLIKELY_RANK || logprob === Number.NEGATIVE_INFINITY;
  const isRambling = ({ logprob }: Pick<ScoredPosition, "logprob">, position: ScoredPosition) =>
    endLogprobAt(position, endTokenIds) - logprob > RAMBLING_NATS;
  // What a grammar forces is not drawn.
  const kinds = rules.isConstrained ? [] : [isUnlikely, isRambling];
  const [unlikelyChances = [], ramblingChances = []] = drawProbabilities({ positions, promptTokens, sampler, rules }, kinds);

  const unlikely = positions.filter(isUnlikely).length;
  const tolerated = UNLIKELY_ALLOWED.count + positions.length * UNLIKELY_ALLOWED.fraction;
  const allowed = Math.max(tolerated, UNLIKELY_ALLOWED.count + mostByChance(unlikelyChances));
  const reason = `${unlikely} of ${positions.length} tokens are unlikely for the model`;
  const findings: readonly Finding[] = [{ quality: grade(unlikely, allowed, tolerated), fault: "unlikelyTokens", reason }];
  // A grammar, or a least length, goes on where the model would have ended.
  if (rules.isConstrained) return findings;

  const rambling = positions.filter((position) => isRambling(position, position)).length;
  const isGuilty = rambling > 0 && chanceOfAtLeast(rambling, sum(ramblingChances)) < MOST_INNOCENT;
  return [...findings, { quality: isGuilty ? 0 : 1, fault: "rambling", reason: "went on where the model had ended" }];
}

function differencesOf(positions: readonly ScoredPosition[], claimed: readonly number[]): readonly number[] {
  return positions.map(({ logprob }, index) =>
    Math.abs(Math.max(logprob, LEAST_LOGPROB) - Math.max(claimed[index] ?? LEAST_LOGPROB, LEAST_LOGPROB)),
  );
}

function judgeClaims(differences: readonly number[], { maxLogprobDifference: allowed }: TextCheck): readonly Finding[] {
  if (differences.length === 0) return [];
  const mean = differences.reduce((sum, each) => sum + each, 0) / differences.length;
  const largest = Math.max(...differences);
  const most = allowed * MAX_CLAIM_FACTOR;
  const fault = "otherLogprobs";
  return [
    { quality: grade(mean, allowed, allowed), fault, reason: `claimed logprobs are off by ${mean.toFixed(3)} nats on average` },
    { quality: grade(largest, most, most), fault, reason: `a claimed logprob is off by ${largest.toFixed(3)} nats` },
  ];
}

function gatherEvidence(
  { rules, sampler, promptTokens }: TextEvidence,
  found: {
    readonly positions: readonly ScoredPosition[];
    readonly margins: readonly number[] | null;
    readonly differences: readonly number[];
    readonly noiseNats: number;
  },
): AnswerEvidence {
  const { positions, margins, differences, noiseNats } = found;
  const isDistributionKnown = margins === null && !rules.isConstrained && rules.repetitionPenalty === 1;
  const surprise = isDistributionKnown ? measureSurprise({ positions, promptTokens, sampler, rules }) : null;
  return {
    isGreedy: rules.temperature === 0,
    margins: margins === null ? null : countBins(margins, noiseNats),
    claims: countBins(differences, noiseNats),
    surprise: surprise === null ? null : { excessNats: surprise.excessNats, variance: surprise.variance },
  };
}

/**
 * Judges a text answer by what the reference model thinks of its tokens.
 *
 * The mean logprob is not looked at: an answer to another prompt has a normal one. Where the draws can be repeated, every token, the end
 * included, must be within `marginNats` of the draw, but for a few close calls; where they cannot (a sampler without a known seed, a grammar,
 * a repetition penalty), only implausible tokens and ends count. The claimed logprobs must be the reference's. The verdict is the worst of these; each is exactly
 * 1 for an honest answer and falls gradually past its tolerance, where numeric noise is possible.
 *
 * What lies below the tolerances counts too, over many answers: see `evidence`.
 *
 * @returns Quality 0 for missing logprobs and unknown tokens; inconclusive for anything that is the validator's own failing.
 */
export function judgeText(evidence: TextEvidence, check: TaskCheck): Verdict {
  if (check.kind === "none") return { kind: "judged", qualityFraction: 1, reasons: [] };
  if (check.kind !== "teacher-forcing") return { kind: "inconclusive", reason: `text cannot be checked by ${check.kind}` };
  const { claimedLogprobs, endPositions, rules, sampler, promptTokens, seed } = evidence;
  if (evidence.positions.length !== claimedLogprobs.length) {
    return { kind: "inconclusive", reason: "scores and claims differ in number" };
  }
  if (evidence.positions.length > evidence.tokenLimit)
    return judgedWorthless("tooLong", `the answer has more than ${evidence.tokenLimit} tokens`);
  const positions = evidence.positions.filter((position) => position !== null);
  if (positions.length < evidence.positions.length)
    return judgedWorthless("unknownToken", "a returned token is not in the model's vocabulary");
  const claimed = claimedLogprobs.filter((logprob) => logprob !== null && !Number.isNaN(logprob)).map(Number);
  if (claimed.length < claimedLogprobs.length) return judgedWorthless("noLogprobs", "logprobs are missing");
  const needsEnd = evidence.finishReason === "stop" && evidence.stopTokens === 0;
  if (needsEnd && endPositions.length === 0) return { kind: "inconclusive", reason: "the end of the answer was not scored" };
  const all = [...positions, ...endPositions];
  if (!isFinished(all)) return { kind: "inconclusive", reason: "the reference gave values that are not numbers" };

  const margins = measureDraws({ positions: all, promptTokens, sampler, rules, seed });
  const differences = differencesOf(positions, claimed);
  const findings = [
    judgeEnd(evidence, positions, margins !== null),
    ...judgeClaims(differences, check),
    ...(margins === null ? judgePlausible(positions, evidence) : [judgeMargins(margins, check, endPositions.length)]),
  ];
  const faults = findings.filter((finding) => finding.quality < 1);
  const worst = faults.reduce<Finding | null>((least, each) => (least === null || each.quality < least.quality ? each : least), null);
  return {
    kind: "judged",
    qualityFraction: worst?.quality ?? 1,
    reasons: faults.map((fault) => fault.reason),
    ...(worst === null ? {} : { fault: worst.fault }),
    evidence: gatherEvidence(evidence, { positions: all, margins, differences, noiseNats: honestNoiseNats(check) }),
  };
}
