import { z } from "zod";

/**
 * What came of checking an answer. `open`: not known yet, which is so until the report of its period is out. `unchecked`: a sample of the
 * answers is checked, and this one is not in it.
 */
const requestVerdictSchema = z.discriminatedUnion("state", [
  z.object({ state: z.enum(["open", "unchecked"]) }),
  z.object({ state: z.literal("judged"), qualityFraction: z.number().min(0).max(1), reasons: z.array(z.string()) }),
]);

/** One miner that was asked for an answer. */
const requestTrySchema = z.object({
  hotkey: z.string(),
  /** What that miner's log calls the request; null where nothing was sent, or the validator is of an earlier release. */
  requestName: z.string().nullable().default(null),
  /** `excused`: it ended without an answer and not by the miner's fault; another one was faster, or the user left. */
  outcome: z.enum(["ok", "rateLimited", "failed", "excused"]),
  firstTokenMs: z.number().nullable(),
  durationMs: z.number(),
  /** Work units that were delivered. */
  units: z.number(),
  verdict: requestVerdictSchema,
});

/** How a user's request went, for the key that made it: which miners were asked, and what their answers were found to be. */
export const requestReportSchema = z.object({
  /** Its `x-request-id`. */
  id: z.string(),
  taskId: z.string(),
  /** When it came, Unix milliseconds. */
  atMs: z.int(),
  /** In the order in which they ended; empty while none has. */
  tries: z.array(requestTrySchema),
});

/** See {@link requestVerdictSchema}. */
export type RequestVerdict = z.infer<typeof requestVerdictSchema>;
/** See {@link requestReportSchema}. */
export type RequestReport = z.infer<typeof requestReportSchema>;
