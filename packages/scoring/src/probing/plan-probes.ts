import type { TaskRegistry } from "@vision/protocol";
import type { PlannedProbe } from "./planned-probe.js";
import type { ProbingParams, ShareBand, ShareFloorPoint } from "./probing-params.js";
import { createSeededRandom, drawBetween, type Random } from "./random.js";
import { unitsPerPeriod } from "./units-per-period.js";

/** A capacity that a miner declared, parsed and cut to the task's maximum. */
export type DeclaredCapacity = { readonly hotkey: string; readonly taskId: string; readonly capacityPerHour: number };

/** What a period's plan is drawn from. */
export type ProbePlanInput = {
  readonly capacities: readonly DeclaredCapacity[];
  readonly registry: TaskRegistry;
  readonly params: ProbingParams;
  /** The period's seed. */
  readonly seed: string;
};

/**
 * How much of each miner's capacity a period tries: one entry for every miner and enabled task with a capacity above zero, in the order given.
 *
 * Each share is its own draw from the seed, the hotkey and the task: it depends on no other miner, and whoever knows the seed recomputes it.
 * Capacities that are not finite and positive are left out and touch nothing else.
 */
export function planProbes({ capacities, registry, params, seed }: ProbePlanInput): readonly PlannedProbe[] {
  return capacities.flatMap(({ hotkey, taskId, capacityPerHour }) => {
    const task = registry.get(taskId);
    if (task === undefined || !task.isEnabled || !Number.isFinite(capacityPerHour) || capacityPerHour <= 0) return [];
    const declaredCapacityPerHour = Math.min(capacityPerHour, task.maxCapacityPerHour);
    const periodUnits = unitsPerPeriod(declaredCapacityPerHour, params.periodMs);
    const capacityRequests = periodUnits / task.typicalUnitsPerRequest;
    const drawn = drawShare(createSeededRandom(seed, ["plan", hotkey, taskId]), params.shareBands);
    const wanted = Math.max(drawn, shareFloorAt(capacityRequests, params.shareFloor), params.minRequestsPerPeriod / capacityRequests);
    const triedFraction = Math.min(1, wanted, params.maxRequestsPerPeriod / capacityRequests);
    return [
      {
        hotkey,
        taskId,
        declaredCapacityPerHour,
        triedFraction,
        plannedUnits: periodUnits * triedFraction,
        plannedRequests: Math.max(1, Math.round(capacityRequests * triedFraction)),
      },
    ];
  });
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
