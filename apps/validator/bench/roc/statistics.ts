import { type AnswerSample, accumulateEvidence, VISION, weighAnswer } from "@vision/scoring";
import { createSeededRandom, type Random } from "@vision/scoring/probing";
import { measureAuc } from "../measure-auc.js";
import type { AnswerRecord } from "./records.js";

/** Of honest groups of answers, so many may be taken for a cheat's. */
export const FALSE_POSITIVES = 0.001;
/** Groups and orders that are drawn of every player's answers. */
const DRAWS = 2_000;
const SEARCHES = 400;
/** Answers after which a search is given up. */
const MOST_ANSWERS = 200;
/** An answer that is worth nothing tells more than any evidence. */
const WORTHLESS_NATS = 20;

/** How often a cheat's value is above an honest one's, ties counted half. Shape of both: 1 or more. */
export function areaUnderCurve(honest: readonly number[], cheats: readonly number[]): number {
  return measureAuc([...honest, ...cheats], [...honest.map(() => false), ...cheats.map(() => true)]);
}

/** Share of the cheats' values above the honest one that only so small a share of the honest reach. */
export function truePositives(honest: readonly number[], cheats: readonly number[], falsePositives: number): number {
  const sorted = [...honest].sort((a, b) => b - a);
  const threshold = sorted[Math.floor(sorted.length * falsePositives)] ?? Number.POSITIVE_INFINITY;
  return cheats.filter((value) => value > threshold).length / cheats.length;
}

/**
 * The strongest suspicion on the way through the answers, summed up as the sequential test does: a sum that never falls below 0, for each
 * suspicion and for requests at temperature 0 and above apart; nats.
 */
export function suspicionOf(answers: readonly AnswerRecord[]): number {
  const sums = new Map<string, number>();
  let worthless = 0;
  let strongest = 0;
  for (const { evidence, quality } of answers) {
    if (evidence === null) {
      worthless += quality === 0 ? WORTHLESS_NATS : 0;
      continue;
    }
    for (const [suspicion, weight] of Object.entries(weighAnswer(evidence))) {
      const key = `${suspicion} ${evidence.isGreedy}`;
      const sum = Math.max(0, (sums.get(key) ?? 0) + weight);
      sums.set(key, sum);
      strongest = Math.max(strongest, sum);
    }
  }
  return worthless + strongest;
}

function drawGroup(answers: readonly AnswerRecord[], tokens: number, random: Random): readonly AnswerRecord[] {
  const group: AnswerRecord[] = [];
  for (let sum = 0; sum < tokens; ) {
    const answer = answers[Math.floor(random.next() * answers.length)];
    if (answer === undefined) break;
    group.push(answer);
    sum += Math.max(1, answer.tokens);
  }
  return group;
}

/** Suspicions of groups of answers that are at least so many tokens long together. */
export function groupSuspicions(answers: readonly AnswerRecord[], tokens: number, seed: string): readonly number[] {
  const random = createSeededRandom(seed, ["groups", tokens]);
  return Array.from({ length: DRAWS }, () => suspicionOf(drawGroup(answers, tokens, random)));
}

/** How long the sequential test takes. */
export type Search = {
  /** Answers until it decides; null where the median search, or the ninth of ten, does not end. */
  readonly medianAnswers: number | null;
  readonly ninthOfTenAnswers: number | null;
  /** Share of the searches that end within 200 answers. */
  readonly decidedFraction: number;
};

const samplesOf = (answers: readonly AnswerRecord[], count: number, random: Random): readonly AnswerSample[] =>
  Array.from({ length: count }, (_, index) => {
    const evidence = answers[Math.floor(random.next() * answers.length)]?.evidence ?? undefined;
    const sample = { period: index + 1, qualityFraction: 1, firstTokenMs: 1, durationMs: 1, units: 1 };
    return evidence === undefined ? sample : { ...sample, evidence };
  });

const isDecidedIn = (samples: readonly AnswerSample[]) =>
  accumulateEvidence(samples, { params: VISION.evidence, period: samples.length, periodsPerHour: 1 }).decidedPeriod !== null;

/** The answer that decides, counted from 1; null where none does. What was decided once stays decided in every longer row. */
function findDecision(samples: readonly AnswerSample[]): number | null {
  if (!isDecidedIn(samples)) return null;
  let [undecided, decided] = [0, samples.length];
  while (decided - undecided > 1) {
    const middle = (undecided + decided) >> 1;
    if (isDecidedIn(samples.slice(0, middle))) decided = middle;
    else undecided = middle;
  }
  return decided;
}

/** The test itself, on answers in random orders, one in a period. A worthless answer costs its pay and says nothing here. */
export function searchCheat(answers: readonly AnswerRecord[], seed: string): Search {
  const random = createSeededRandom(seed, ["search"]);
  const found = Array.from({ length: SEARCHES }, () => findDecision(samplesOf(answers, MOST_ANSWERS, random)));
  const lengths = found.map((answer) => answer ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const at = (share: number) => {
    const length = lengths[Math.floor(lengths.length * share)] ?? Number.POSITIVE_INFINITY;
    return Number.isFinite(length) ? length : null;
  };
  const decidedFraction = found.filter((answer) => answer !== null).length / found.length;
  return { medianAnswers: at(0.5), ninthOfTenAnswers: at(0.9), decidedFraction };
}

/**
 * Answers whose surprise adds up to nothing, as that of honest draws does on average: what some hundred of them are away from it by chance
 * would be a bias that no engine has, if they were drawn many times over.
 */
function withoutChanceSurprise(answers: readonly AnswerRecord[]): readonly AnswerRecord[] {
  const surprises = answers.flatMap(({ evidence }) => evidence?.surprise ?? []);
  const sum = (of: "excessNats" | "variance") => surprises.reduce((total, surprise) => total + surprise[of], 0);
  const bias = sum("variance") > 0 ? sum("excessNats") / sum("variance") : 0;
  return answers.map((answer) => {
    const { evidence } = answer;
    if (evidence === null || evidence.surprise === null) return answer;
    const { excessNats, variance } = evidence.surprise;
    return { ...answer, evidence: { ...evidence, surprise: { excessNats: excessNats - bias * variance, variance } } };
  });
}

/** Of so many honest miners, each with so many answers, how many are decided against. */
export function countFalseDecisions(
  answers: readonly AnswerRecord[],
  { miners, each, seed }: { miners: number; each: number; seed: string },
): number {
  const random = createSeededRandom(seed, ["false decisions"]);
  const centred = withoutChanceSurprise(answers);
  return Array.from({ length: miners }, () => isDecidedIn(samplesOf(centred, each, random))).filter(Boolean).length;
}
