import { z } from "zod";

/** JSON has no infinity: a margin of one seed, hours that never came. */
const number = z.number().nullable();
const estimateSchema = z.looseObject({ mean: z.number(), margin: number });

const resultSchema = z.looseObject({
  strategy: z.string(),
  description: z.string(),
  kind: z.enum(["honest", "attack"]),
  isOutOfReach: z.boolean(),
  seeds: z.number().optional(),
  income: estimateSchema,
  bystanders: estimateSchema,
  hoursToConverge: number,
  probedFraction: z.number(),
});

const validatorSchema = z.looseObject({
  bench: z.string(),
  kind: z.string(),
  stakeFraction: z.number(),
  trust: z.number(),
  lowestTrust: z.number(),
  dividendsPerStake: z.number(),
});

/** One validator of the lab's subnets, as its file has it. */
export type ReportedValidator = z.infer<typeof validatorSchema>;

/** What `--json` prints, as far as comparisons and pages read it. */
export const reportSchema = z.looseObject({
  date: z.iso.date().optional(),
  seeds: z.number(),
  /** What strategies were tried on whose interval held the bound. */
  mostSeeds: z.number().optional(),
  world: z.looseObject({ miners: z.number(), validators: z.number(), users: z.number(), hours: z.number() }),
  population: z.looseObject({ incomeByWorth: z.number(), validatorsAgree: z.number(), hoursToTrueVolume: number }),
  validators: z.array(validatorSchema).default([]),
  results: z.array(resultSchema),
});

/** A run, as its file has it. */
export type LabReport = z.infer<typeof reportSchema>;

/** One strategy of it. */
export type ReportedResult = LabReport["results"][number];

/** @throws Error that says what is wrong with a file that is no report. */
export function readReport(text: string): LabReport {
  const parsed = reportSchema.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error(`This is no report of the lab: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
