import { type AnswerRecord, samplers } from "./records.js";
import {
  areaUnderCurve,
  countFalseDecisions,
  FALSE_POSITIVES,
  groupSuspicions,
  type Search,
  searchCheat,
  truePositives,
} from "./statistics.js";

/** Lengths of what is looked at together, tokens. */
export const TOKEN_COUNTS = [50, 100, 300, 1000] as const;

/** How one cheat is told from the honest. */
export type CheatResult = {
  readonly player: string;
  readonly sampler: AnswerRecord["sampler"];
  readonly answers: number;
  /** Mean quality of its answers as judged one by one, 0 to 1. */
  readonly meanQuality: number;
  /** By how many tokens are looked at together. Shape: as `TOKEN_COUNTS`. */
  readonly byTokens: readonly { readonly tokens: number; readonly areaUnderCurve: number; readonly truePositives: number }[];
  readonly search: Search;
};

/** What honest miners meet. */
export type HonestResult = {
  readonly player: string;
  readonly sampler: AnswerRecord["sampler"];
  readonly answers: number;
  readonly tokens: number;
  readonly meanQuality: number;
  /** Answers that were judged to be less than right. */
  readonly faultyAnswers: number;
  /** Of `minersTried` with 10,000 answers each, drawn from these. */
  readonly falseDecisions: number;
  readonly minersTried: number;
  /** Time of a check as a share of the time that the answer took. */
  readonly checkCostFraction: number;
};

/** Everything that was measured of one model. */
export type PairResult = {
  readonly pair: string;
  readonly title: string;
  readonly honest: readonly HonestResult[];
  readonly cheats: readonly CheatResult[];
};

const MINERS_TRIED = 20;
const ANSWERS_OF_A_MINER = 10_000;

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
const qualities = (answers: readonly AnswerRecord[]) => answers.flatMap(({ quality }) => (quality === null ? [] : [quality]));

/** By player and way of drawing, in the order in which they first come. */
function groupAnswers(answers: readonly AnswerRecord[]): readonly (readonly AnswerRecord[])[] {
  const groups = new Map<string, AnswerRecord[]>();
  for (const answer of answers) {
    const key = `${answer.player} ${answer.sampler}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [answer]);
    else group.push(answer);
  }
  return [...groups.values()];
}

/** What the answers of one pair say. Players without a judged answer are left out. */
export function reportPair(
  { name, title }: { readonly name: string; readonly title: string },
  records: readonly AnswerRecord[],
  minersTried = MINERS_TRIED,
): PairResult {
  const own = records.filter(({ pair, quality }) => pair === name && quality !== null);
  const groups = groupAnswers(own);
  const isHonest = (answers: readonly AnswerRecord[]) => answers[0]?.isHonest === true;
  const head = (answers: readonly AnswerRecord[]) => ({
    player: answers[0]?.player ?? "",
    sampler: answers[0]?.sampler ?? "unknown",
    answers: answers.length,
    meanQuality: mean(qualities(answers)),
  });
  const seedOf = ({ player, sampler }: Pick<CheatResult, "player" | "sampler">) => `${name} ${player} ${sampler}`;

  const honest = groups.filter(isHonest).map((answers): HonestResult => {
    const { player, sampler, ...rest } = head(answers);
    const sum = (of: "generateMs" | "checkMs") => answers.reduce((total, answer) => total + answer[of], 0);
    return {
      ...{ player, sampler, ...rest },
      tokens: answers.reduce((total, { tokens }) => total + tokens, 0),
      faultyAnswers: qualities(answers).filter((quality) => quality < 1).length,
      falseDecisions: countFalseDecisions(answers, { miners: minersTried, each: ANSWERS_OF_A_MINER, seed: seedOf({ player, sampler }) }),
      minersTried,
      checkCostFraction: sum("checkMs") / sum("generateMs"),
    };
  });

  // A miner has one engine: honest groups are of one each.
  const honestSuspicions = new Map(
    samplers.flatMap((sampler) =>
      TOKEN_COUNTS.map((tokens) => {
        const rivals = groups.filter((each) => isHonest(each) && each[0]?.sampler === sampler);
        const values = rivals.flatMap((each) => groupSuspicions(each, tokens, `${name} ${each[0]?.player}`));
        return [`${sampler} ${tokens}`, values] as const;
      }),
    ),
  );

  const cheats = groups
    .filter((answers) => !isHonest(answers))
    .map((answers): CheatResult => {
      const { player, sampler, ...rest } = head(answers);
      const seed = seedOf({ player, sampler });
      const byTokens = TOKEN_COUNTS.map((tokens) => {
        const honestValues = honestSuspicions.get(`${sampler} ${tokens}`) ?? [];
        const values = groupSuspicions(answers, tokens, seed);
        return {
          tokens,
          areaUnderCurve: areaUnderCurve(honestValues, values),
          truePositives: truePositives(honestValues, values, FALSE_POSITIVES),
        };
      });
      return { player, sampler, ...rest, byTokens, search: searchCheat(answers, seed) };
    });
  return { pair: name, title, honest, cheats };
}
