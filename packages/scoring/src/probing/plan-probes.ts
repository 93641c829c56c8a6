import type { TaskRegistry } from "@vision/protocol";
import { power } from "../power.js";
import type { PlannedProbe } from "./planned-probe.js";
import type { ProbingParams, ShareBand, ShareFloorPoint } from "./probing-params.js";
import { createSeededRandom, drawBetween, type Random } from "./random.js";
import { unitsPerPeriod } from "./units-per-period.js";

/** A capacity that a miner declared, parsed and cut to the task's maximum. */
export type DeclaredCapacity = {
  readonly hotkey: string;
  readonly taskId: string;
  readonly capacityPerHour: number;
  /** Largest volume of it that was asked for lately, work units per hour (the report's `triedCapacityPerHour`); 0 if left out. */
  readonly triedPerHour?: number;
};

/** What a period's plan is drawn from. */
export type ProbePlanInput = {
  readonly capacities: readonly DeclaredCapacity[];
  readonly registry: TaskRegistry;
  readonly params: ProbingParams;
  /** The period's seed, this validator's alone until the period is over. */
  readonly seed: string;
  /** The hour's seed that every validator has. */
  readonly commonSeed: string;
  /** How long the period is, milliseconds; `params.periodMs` if left out. The plan is in proportion to it, what is drawn is not. */
  readonly durationMs?: number;
};

/**
 * How much of each miner's capacity a period tries: one entry for every miner and enabled task with a capacity above zero, in the order given.
 *
 * Small shares are drawn each on its own from the seed, the hotkey and the task. Large ones are drawn from the common seed: for a hotkey
 * at all of its tasks, for many hotkeys, and by all validators in the same hours, so that one machine declared several times is asked for all
 * of it at once. Whoever knows the seeds recomputes the plan. Capacities that are not finite and positive are left out and touch nothing else.
 */
export function planProbes(input: ProbePlanInput): readonly PlannedProbe[] {
  const { capacities, registry, params, seed, commonSeed, durationMs = params.periodMs } = input;
  const isBig = drawBigDraws(params, commonSeed);
  return capacities.flatMap((declared) => {
    const { hotkey, taskId, capacityPerHour } = declared;
    const task = registry.get(taskId);
    if (task === undefined || !task.isEnabled || !Number.isFinite(capacityPerHour) || capacityPerHour <= 0) return [];
    const declaredCapacityPerHour = Math.min(capacityPerHour, task.maxCapacityPerHour);
    const periodUnits = unitsPerPeriod(declaredCapacityPerHour, durationMs);
    const capacityRequests = periodUnits / task.typicalUnitsPerRequest;
    const random = createSeededRandom(seed, ["plan", hotkey, taskId]);
    const drawn = isBig({ ...declared, capacityPerHour: declaredCapacityPerHour })
      ? drawBetween(random, params.bigDraws.from, params.bigDraws.to)
      : drawShare(random, params.shareBands);
    const wanted = Math.max(drawn, shareFloorAt(capacityRequests, params.shareFloor), params.minRequestsPerPeriod / capacityRequests);
    const share = Math.min(1, wanted, params.maxRequestsPerPeriod / capacityRequests);
    const plannedRequests = Math.min(roundByChance(capacityRequests * share, random), Math.max(1, Math.floor(capacityRequests)));
    const plannedUnits = Math.min(periodUnits, plannedRequests * task.typicalUnitsPerRequest);
    return [{ hotkey, taskId, declaredCapacityPerHour, triedFraction: plannedUnits / periodUnits, plannedUnits, plannedRequests }];
  });
}

/** Up or down, so that the mean is kept: a small miner is asked once in several periods. */
function roundByChance(value: number, random: Random): number {
  const whole = Math.floor(value);
  return random.next() < value - whole ? whole + 1 : whole;
}

/** Which declarations the hour of a common seed tries to a large share: the same ones in a period that is only a part of that hour. */
function drawBigDraws({ bigDraws, periodMs }: ProbingParams, commonSeed: string): (declared: DeclaredCapacity) => boolean {
  const perPeriod = (perHour: number) => 1 - power(1 - perHour, periodMs / 3_600_000);
  const random = createSeededRandom(commonSeed, ["hour"]);
  const isCommonHour = random.next() < perPeriod(bigDraws.probabilityPerHour);
  const isUntriedHour = random.next() < perPeriod(bigDraws.untriedProbabilityPerHour);
  return ({ hotkey, capacityPerHour, triedPerHour = 0 }) => {
    if (isUntriedHour && triedPerHour < bigDraws.triedFraction * capacityPerHour) return true;
    return isCommonHour && createSeededRandom(commonSeed, ["hotkey", hotkey]).next() < bigDraws.hotkeyFraction;
  };
}

/** The share of a capacity to try: a band by its probability, then uniform within the band. */
function drawShare(random: Random, bands: readonly [ShareBand, ...ShareBand[]]): number {
  const total = bands.reduce((sum, band) => sum + band.probability, 0);
  let left = random.next() * total;
  let chosen = bands[0];
  for (const band of bands) {
    chosen = band;
    left -= band.probability;
    if (left < 0) break;
  }
  return drawBetween(random, chosen.from, chosen.to);
}

/** The floor of the tried share at a capacity of so many typical requests per period. */
export function shareFloorAt(capacityRequests: number, points: readonly ShareFloorPoint[]): number {
  const sorted = [...points].sort((a, b) => a.capacityRequests - b.capacityRequests);
  const above = sorted.findIndex((point) => point.capacityRequests > capacityRequests);
  const upper = above === -1 ? sorted.at(-1) : sorted[above];
  const lower = above === -1 ? upper : sorted[above - 1];
  if (upper === undefined) return 0;
  if (lower === undefined || lower === upper) return upper.fraction;
  const position = (capacityRequests - lower.capacityRequests) / (upper.capacityRequests - lower.capacityRequests);
  return lower.fraction + position * (upper.fraction - lower.fraction);
}
