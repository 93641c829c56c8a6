import type { AnswerTiming, MinerTaskSeries, SpeedTarget } from "./observation.js";
import type { PeriodRows } from "./period-rows.js";
import type { AveragePeriodScore } from "./stages/average-period-score.js";
import type { CreditedCapacity } from "./stages/credited-capacity.js";
import type { Quality } from "./stages/quality.js";

/** Speed of one answer at a task whose target is known; see `speedFactor`. */
export type SpeedOf = (timing: AnswerTiming) => number;

/** The stages that score one miner at one task on its own, with their parameters. */
export type Mechanism = {
  readonly shareExponent: number;
  /** Effective volume per hour from which on a task of that target is paid in full; 0 for any. */
  fullVolumeOf(target: SpeedTarget): number;
  speedOf(target: SpeedTarget): SpeedOf;
  /** Takes out of the rows what does not count as work, before the other stages see them. */
  verify(rows: PeriodRows): void;
  average(rows: PeriodRows): AveragePeriodScore;
  quality(samples: MinerTaskSeries["samples"], speedOf: SpeedOf): Quality;
  credit(rows: PeriodRows, declaredPerHour: number): CreditedCapacity;
  /**
   * What is added to the quality of each of a task's miners by comparing them; 0.1 adds a tenth. Absent in a mechanism in which no miner
   * moves another before the shares.
   */
  bonuses?(series: readonly MinerTaskSeries[], speedOf: SpeedOf): ReadonlyMap<string, number>;
};
