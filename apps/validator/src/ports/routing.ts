import type { SamplerName, Task, TaskRegistry } from "@vision/protocol";
import type { MinerTarget } from "@vision/sdk/client";
import type { RoutingRecord } from "../domain/routing-record.js";

/** A miner that could serve a task now. */
export type Candidate = {
  readonly target: MinerTarget;
  readonly taskId: string;
  readonly capacityPerHour: number;
  /** How the miner says that it draws the task's tokens. */
  readonly sampler: SamplerName;
  readonly record: RoutingRecord;
};

/** The live view of miners and tasks that requests are routed by. The scheduler writes it, prober and gateway read it. */
export type RoutingView = {
  registry(): TaskRegistry;
  task(taskId: string): Task | null;
  candidates(taskId: string): readonly Candidate[];
  /** How long a task's first token may take before it is late, milliseconds, by what its miners took lately; null while too little is known. */
  firstTokenBudgetMs(taskId: string): number | null;
  target(hotkey: string): MinerTarget | null;
  /** How a miner says that it draws a task's tokens; `unknown` for one that does not serve it. */
  sampler(hotkey: string, taskId: string): SamplerName;
  /** The period that a request started now belongs to; null before the first. */
  currentPeriod(): number | null;
};
