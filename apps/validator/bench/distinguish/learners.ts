import LogisticRegression from "ml-logistic-regression";
import { Matrix } from "ml-matrix";
import loadYdf from "ydf-training";
import type { Learner } from "./evaluate.js";
import type { FeatureTable } from "./features/table.js";

const STEPS = 200;
const RATE = 0.5;

/** Logistic regression on standardised features. */
export const logisticRegression: Learner = {
  name: "logistic regression",
  learn(train, test) {
    const columns = train.names.map((_, column) => train.rows.map((row) => row[column] ?? 0));
    const scales = columns.map((values) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
      return { mean, deviation: deviation || 1 };
    });
    // Far values would rule; nothing is further than ten deviations. The last column is the constant.
    const matrixOf = ({ rows }: FeatureTable) =>
      new Matrix(
        rows.map((row) => [
          ...scales.map(({ mean, deviation }, column) => Math.max(-10, Math.min(10, ((row[column] ?? 0) - mean) / deviation))),
          1,
        ]),
      );
    const model = new LogisticRegression({ numSteps: STEPS, learningRate: RATE / train.rows.length });
    model.train(matrixOf(train), Matrix.columnVector(train.areOrganic.map(Number)));
    // One classifier for each class, which tells the others from it: that of class 0 tells what is organic.
    const classifier = model.classifiers[0];
    if (classifier === undefined) throw new Error("a class is missing in a fold: too few requests");
    const weights = classifier.weights.to1DArray();
    const tells = new Map(train.names.map((name, column) => [name, Math.abs(weights[column] ?? 0)]));
    return { scores: classifier.testScores(matrixOf(test)), tells };
  },
};

/** Gradient boosted trees of Yggdrasil Decision Forests, with their defaults. */
export async function createBoostedTrees(): Promise<Learner> {
  const ydf = await loadYdf({ print: () => undefined, printErr: () => undefined });
  return {
    name: "boosted trees",
    learn(train, test) {
      const model = quietly(() => new ydf.GradientBoostedTreesLearner("label", "CLASSIFICATION").train(toCsv(train, train.areOrganic)));
      try {
        const predicted = model.predict(
          toCsv(
            test,
            test.rows.map((_, index) => index % 2 === 0),
          ),
        );
        const isSecond = model.getLabelClasses()[1] === "organic";
        const scores = isSecond ? predicted : predicted.map((probability) => 1 - probability);
        return { scores, tells: readImportance(model.describe(), train.names) };
      } finally {
        model.unload();
      }
    },
  };
}

/** The library tells on standard output how long it took, where a document of JSON may belong. */
function quietly<Result>(work: () => Result): Result {
  const { log } = console;
  console.log = () => undefined;
  try {
    return work();
  } finally {
    console.log = log;
  }
}

function toCsv({ names, rows }: FeatureTable, areOrganic: readonly boolean[]): string {
  const lines = rows.map((row, index) => [...row, areOrganic[index] === true ? "organic" : "synthetic"].join(","));
  return `${[...names.map((_, column) => `f${column}`), "label"].join(",")}\n${lines.join("\n")}\n`;
}

/** How much each feature lowered the loss, of what a model says of itself. */
function readImportance(description: string, names: readonly string[]): ReadonlyMap<string, number> {
  const section = description.split("SUM_SCORE:")[1]?.split("\n\n")[0] ?? "";
  const found = [...section.matchAll(/"f(\d+)"\s+([\d.]+)/g)];
  return new Map(found.map(([, column, score]) => [names[Number(column)] ?? "", Number(score)]));
}
