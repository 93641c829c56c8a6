import { z } from "zod";

const count = z.int().min(0);

/** One key's use of one task on one day. */
const usageRowSchema = z.object({
  /** In UTC, `2026-11-26`. */
  day: z.string(),
  taskId: z.string(),
  /** What `units` are; null where the task is not served any more. */
  workUnit: z.string().nullable(),
  requests: count,
  /** Requests that got no whole answer though their user waited for it. */
  errors: count,
  promptTokens: z.number().min(0),
  /** Work units that were delivered. */
  units: z.number().min(0),
});

/** What a key has used: requests that its limits let in, newest day first. */
export const usageReportSchema = z.object({
  key: z.object({
    name: z.string(),
    prefix: z.string(),
    requestsPerMinute: z.number(),
    tokensPerMinute: z.number().nullable(),
    concurrentRequests: z.number(),
  }),
  budget: z.object({
    /** Work units of a calendar month in UTC; null for no such budget. */
    monthlyUnits: z.number().nullable(),
    /** Work units that were charged in this month. */
    chargedThisMonthUnits: z.number().min(0),
    /** When the next month begins. */
    renewsAtMs: z.number(),
    /** Work units that are left of what was paid for in advance, negative where more was used; null where nothing was. */
    creditLeftUnits: z.number().nullable(),
  }),
  rows: z.array(usageRowSchema),
});

/** See {@link usageReportSchema}. */
export type UsageReport = z.infer<typeof usageReportSchema>;
