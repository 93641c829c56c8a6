import type { Answer, SamplerName, Task } from "@vision/protocol";
import type { Verdict } from "@vision/scoring";
import type { WrittenText } from "./reference-model.js";
import type { WritingRequest } from "./written/write-by-model.js";

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
  /**
   * Lets the task's own model write; null where none writes, has room or can read the prompt. Left out where no model of this reference ever writes.
   * Rejects where the model fails.
   */
  write?(request: WritingRequest): Promise<WrittenText | null>;
  close(): Promise<void>;
};
