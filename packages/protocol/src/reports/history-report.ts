import { z } from "zod";

const count = z.int().min(0);
const fraction = z.number().min(0).max(1);

/** A closed period in a few numbers. */
export const periodSummarySchema = z.object({
  period: z.int(),
  startsAtMs: z.int(),
  endsAtMs: z.int(),
  requests: count,
  organicCount: count,
  okCount: count,
  rateLimitedCount: count,
  failedCount: count,
  /** Share of all overall scores by hotkey. */
  weights: z.record(z.string(), fraction),
});

/** The newest closed periods, oldest first. */
export const historyReportSchema = z.object({ periods: z.array(periodSummarySchema) });

/** See {@link periodSummarySchema}. */
export type PeriodSummary = z.infer<typeof periodSummarySchema>;
/** See {@link historyReportSchema}. */
export type HistoryReport = z.infer<typeof historyReportSchema>;
