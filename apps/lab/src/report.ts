import { z } from "zod";

const estimateSchema = z.looseObject({ mean: z.number(), margin: z.number().nullable() });

/** What `--json` prints, as far as a comparison reads it. */
export const reportSchema = z.looseObject({ results: z.array(z.looseObject({ strategy: z.string(), income: estimateSchema })) });

/** An earlier run. */
export type LabReport = z.infer<typeof reportSchema>;

/** @throws Error that says what is wrong with a file that is no report. */
export function readReport(text: string): LabReport {
  const parsed = reportSchema.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error(`This is no report of the lab: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
