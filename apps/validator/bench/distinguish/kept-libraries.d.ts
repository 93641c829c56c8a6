// What is used here of libraries that bring no types, or none that fit.

declare module "ydf-training" {
  type Model = {
    /** Of each row, the probability of the second class. */
    predict(csv: string): readonly number[];
    getLabelClasses(): readonly string[];
    describe(): string;
    unload(): void;
  };
  type Ydf = {
    readonly GradientBoostedTreesLearner: new (label: string, task: "CLASSIFICATION") => { train(csv: string): Model };
  };
  const load: (options: { readonly print: (line: string) => void; readonly printErr: (line: string) => void }) => Promise<Ydf>;
  export default load;
}

declare module "ml-matrix" {
  export class Matrix {
    constructor(rows: readonly (readonly number[])[]);
    static columnVector(values: readonly number[]): Matrix;
  }
}

declare module "ml-logistic-regression" {
  import type { Matrix } from "ml-matrix";

  type Classifier = { readonly weights: { to1DArray(): readonly number[] }; testScores(features: Matrix): readonly number[] };
  class LogisticRegression {
    constructor(options: { readonly numSteps: number; readonly learningRate: number });
    readonly classifiers: readonly Classifier[];
    train(features: Matrix, target: Matrix): void;
  }
  export default LogisticRegression;
}
