import { z } from "zod";
import { NINETEEN_2025 } from "../src/reference-presets/nineteen-2025.js";
import { referenceAverage } from "../src/reference-presets/reference-average.js";
import { referencePeriodScore } from "../src/reference-presets/reference-period-score.js";
import { referenceSpeedFactor } from "../src/reference-presets/reference-speed.js";
import { speedBonusByRank } from "../src/reference-presets/speed-bonus.js";
import { VISION_2024 } from "../src/reference-presets/vision-2024.js";
import { taskShares } from "../src/stages/task-shares.js";

const volumes = z.record(z.string(), z.number());

/** A file of inputs and of what the reference's own functions returned for them. */
export const scoringVectorsSchema = z.object({
  periodScore: z.array(
    z.object({
      totalRequests: z.number(),
      declaredVolume: z.number(),
      consumedVolume: z.number(),
      rateLimited: z.number(),
      serverErrors: z.number(),
      vision2024: z.number().nullable(),
      nineteen2025: z.number().nullable(),
    }),
  ),
  speedFactor: z.array(z.object({ secondsPerUnit: z.number(), mean: z.number(), variance: z.number(), speedFactor: z.number() })),
  averagePeriodScore: z.array(
    z.object({
      newestFirst: z.array(z.object({ periodScore: z.number(), consumedVolume: z.number() })),
      vision2024: z.number(),
      nineteen2025: z.number(),
    }),
  ),
  taskShares: z.array(z.object({ effectiveVolumes: volumes, vision2024: volumes, nineteen2025: volumes })),
  speedBonusByRank: z.array(z.object({ metrics: z.record(z.string(), z.array(z.number())), nineteen2025: volumes })),
});

/** See {@link scoringVectorsSchema}. */
export type ScoringVectors = z.infer<typeof scoringVectorsSchema>;

/** How far one section of a vector file is from what our presets give. */
export type SectionDifference = { readonly section: string; readonly cases: number; readonly largestDifference: number };

/** The largest difference that counts as equal. */
export const VECTOR_TOLERANCE = 1e-9;

function difference(ours: number | null | undefined, theirs: number | null | undefined): number {
  if (typeof ours !== "number" || typeof theirs !== "number") return ours === theirs ? 0 : Number.POSITIVE_INFINITY;
  const distance = Math.abs(ours - theirs);
  return Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
}

function recordDifference(ours: Readonly<Record<string, number>>, theirs: Readonly<Record<string, number>>): number {
  const names = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  return Math.max(0, ...[...names].map((name) => difference(ours[name], theirs[name])));
}

function sharesByName(effectiveVolumes: Readonly<Record<string, number>>, exponent: number): Record<string, number> {
  const shares = taskShares(Object.values(effectiveVolumes), exponent);
  return Object.fromEntries(Object.keys(effectiveVolumes).map((name, index) => [name, shares[index] ?? Number.NaN]));
}

function section(name: string, differences: readonly number[]): SectionDifference {
  return { section: name, cases: differences.length, largestDifference: differences.reduce((most, each) => Math.max(most, each), 0) };
}

/** Evaluates both reference presets on a vector file. Shape: one entry per section and preset. */
export function compareVectors(vectors: ScoringVectors): readonly SectionDifference[] {
  const presets = [
    ["vision2024", VISION_2024],
    ["nineteen2025", NINETEEN_2025],
  ] as const;
  return [
    ...presets.map(([key, preset]) =>
      section(
        `periodScore ${key}`,
        vectors.periodScore.map((vector) => {
          const counts = {
            requests: vector.totalRequests,
            declaredUnits: vector.declaredVolume,
            completedUnits: vector.consumedVolume,
            rateLimitedCount: vector.rateLimited,
            failedCount: vector.serverErrors,
          };
          return difference(referencePeriodScore(counts, preset.periodScore.failurePower), vector[key]);
        }),
      ),
    ),
    section(
      "speedFactor vision2024",
      vectors.speedFactor.map((vector) => {
        const { max, curvature } = VISION_2024.speed;
        const ours = referenceSpeedFactor(vector.secondsPerUnit, { mean: vector.mean, variance: vector.variance, max, curvature });
        return difference(ours, vector.speedFactor);
      }),
    ),
    ...presets.map(([key, preset]) =>
      section(
        `averagePeriodScore ${key}`,
        vectors.averagePeriodScore.map((vector) => {
          const rows = vector.newestFirst.map(({ periodScore, consumedVolume }) => ({ periodScore, completedUnits: consumedVolume }));
          return difference(referenceAverage(rows, preset.average), vector[key]);
        }),
      ),
    ),
    ...presets.map(([key, preset]) =>
      section(
        `taskShares ${key}`,
        vectors.taskShares.map((vector) => recordDifference(sharesByName(vector.effectiveVolumes, preset.shareExponent), vector[key])),
      ),
    ),
    section(
      "speedBonusByRank nineteen2025",
      vectors.speedBonusByRank.map((vector) =>
        recordDifference(
          Object.fromEntries(speedBonusByRank(new Map(Object.entries(vector.metrics)), NINETEEN_2025.quality)),
          vector.nineteen2025,
        ),
      ),
    ),
  ];
}
