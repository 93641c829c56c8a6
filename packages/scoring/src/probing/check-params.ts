/** Which answers are checked, and how the checker works through them. */
export type CheckParams = {
  /** Answers that are to be checked of one miner and task in a period, on average. */
  readonly targetPerMinerTaskPeriod: number;
  /** The same of a plan that tries a large share of a capacity: what proves capacity is looked at closely. */
  readonly targetOfBigDraw: number;
  /** Checked at least with this probability, however many answers there are. */
  readonly minFraction: number;
  /** Above this many waiting checks of one task, each miner adds only its reserved share: what is checked of one in a period. */
  readonly maxPendingPerTask: number;
  /** Checks claimed from the store at a time. */
  readonly batchSize: number;
  /** Checks that run at the same time, each in a worker thread of its own. */
  readonly concurrency: number;
  /** A claimed check that is not settled in this time is handed out again, milliseconds. */
  readonly leaseMs: number;
  /** A check that stayed inconclusive this many times is dropped without a sample. */
  readonly maxAttempts: number;
  /** How long to wait when nothing is to be checked, milliseconds. */
  readonly idleMs: number;
};

/** The production defaults. */
export const defaultCheckParams: CheckParams = {
  targetPerMinerTaskPeriod: 6,
  targetOfBigDraw: 24,
  minFraction: 0.02,
  maxPendingPerTask: 2_000,
  batchSize: 16,
  concurrency: 1,
  leaseMs: 120_000,
  maxAttempts: 3,
  idleMs: 1_000,
};

// One core stays with the loop that times miners; beyond eight the store, not the reference, is the limit.
const MAX_DEFAULT_WORKERS = 8;

/** Check workers on a machine with so many cores, unless the configuration names a number. */
export function checkWorkersOf(cores: number): number {
  return Math.min(Math.max(1, cores - 1), MAX_DEFAULT_WORKERS);
}

// One flooded miner leaves room for the others.
const MAX_MINER_SHARE = 0.25;

/** What the decision to check an answer rests on. */
export type CheckSelection = {
  /** Whether the period tries a large share of the miner's capacity. */
  readonly isBigDraw: boolean;
  /** Answers expected of this miner and task in the period. */
  readonly expectedAnswers: number;
  /** Checks of the task that wait already. */
  readonly pendingOfTask: number;
  /** Those of them that are this miner's. */
  readonly pendingOfMiner: number;
  /** Uniform draw in [0, 1) that the miner cannot know. */
  readonly draw: number;
};

/** `noRoom`: it was chosen, but too many wait already. */
export type CheckDecision = "check" | "notChosen" | "noRoom";

/**
 * Whether an answer is to be checked. All answers of a miner and task are equally likely to be chosen, first and last alike, so that
 * nobody can be honest only while it counts.
 */
export function decideCheck(selection: CheckSelection, params: CheckParams): CheckDecision {
  const { pendingOfTask, pendingOfMiner } = selection;
  const target = selection.isBigDraw ? params.targetOfBigDraw : params.targetPerMinerTaskPeriod;
  const probability = Math.max(params.minFraction, target / Math.max(1, selection.expectedAnswers));
  if (selection.draw >= probability) return "notChosen";
  const reserved = Math.max(1, Math.ceil(params.targetPerMinerTaskPeriod));
  const mostOfMiner = pendingOfTask < params.maxPendingPerTask ? Math.max(reserved, params.maxPendingPerTask * MAX_MINER_SHARE) : reserved;
  return pendingOfMiner < mostOfMiner ? "check" : "noRoom";
}
