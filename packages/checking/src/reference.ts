import type { Answer, SamplerName, Task } from "@vision/protocol";
import type { Verdict } from "@vision/scoring";

/** Judges answers against a reference model. Rejects (or answers inconclusive) when the reference itself fails: never a zero for that. */
export type Reference = {
  /** Whether this reference can judge the task's answers. */
  canCheck(task: Task): boolean;
  check(request: {
    readonly task: Task;
    readonly request: unknown;
    readonly answer: Answer;
    /** How the miner says that it draws. */
    readonly sampler: SamplerName;
    readonly signal: AbortSignal;
  }): Promise<Verdict>;
  close(): Promise<void>;
};
