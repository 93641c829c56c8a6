import type { Random } from "@vision/scoring/probing";
import { measureAuc } from "../measure-auc.js";
import type { FeatureTable } from "./features/table.js";

/** Something that learns to tell organic requests. */
export type Learner = {
  readonly name: string;
  /** Scores of the tested rows, higher for what looks organic, and how much each feature told. */
  learn(train: TaughtTable, test: FeatureTable): Learned;
};

/** Features with what each request was. */
export type TaughtTable = FeatureTable & { readonly areOrganic: readonly boolean[] };

/** The same, and which conversation each belongs to. */
export type LabelledTable = TaughtTable & { readonly conversations: readonly string[] };

/** What a learner makes of rows that it never saw. */
export type Learned = { readonly scores: readonly number[]; readonly tells: ReadonlyMap<string, number> };

/** How well requests can be told apart: 0.5 is chance, 1 is always. */
export type Distinction = { readonly auc: number; readonly tells: readonly string[] };

const FOLDS = 3;
const TOLD = 5;

/**
 * Area under the curve of a learner on rows that it was not taught, each row tested once, and the features that told it most.
 * The folds are drawn, whole conversations into one (grouped k-fold): who is told the half of a conversation knows the other half by its words.
 */
export function distinguish(table: LabelledTable, learner: Learner, random: Random): Distinction {
  const foldOf = new Map<string, number>();
  for (const conversation of table.conversations) if (!foldOf.has(conversation)) foldOf.set(conversation, random.nextInt(FOLDS));
  const folds = table.conversations.map((conversation) => foldOf.get(conversation) ?? 0);
  const scores: number[] = table.rows.map(() => 0);
  const tells = new Map<string, number>();
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const own = [...folds.keys()].filter((index) => folds[index] === fold);
    const learned = learner.learn(
      select(
        table,
        [...folds.keys()].filter((index) => folds[index] !== fold),
      ),
      select(table, own),
    );
    for (const [place, index] of own.entries()) scores[index] = learned.scores[place] ?? 0;
    for (const [name, weight] of learned.tells) tells.set(name, (tells.get(name) ?? 0) + weight);
  }
  const told = [...tells].sort((one, other) => other[1] - one[1]).slice(0, TOLD);
  return { auc: measureAuc(scores, table.areOrganic), tells: told.map(([name]) => name) };
}

function select({ names, rows, areOrganic }: TaughtTable, indexes: readonly number[]): TaughtTable {
  return { names, rows: indexes.map((index) => rows[index] ?? []), areOrganic: indexes.map((index) => areOrganic[index] === true) };
}
