import { z } from "zod";

const count = z.int().min(0);

/**
 * Requests of one task that ended alike, at about the same time and after about as long. `excused`: a failure that is not the miner's, and
 * counts for nobody.
 */
const requestDotSchema = z.object({
  /** Middle of the slice of time in which they were sent, Unix milliseconds at the validator. */
  atMs: z.number(),
  /** From sending to the first content; to the end for what comes in one piece or was not answered. Within 5 %. */
  latencyMs: z.number().min(1),
  taskId: z.string(),
  kind: z.enum(["synthetic", "organic"]),
  outcome: z.enum(["ok", "rateLimited", "failed", "excused"]),
  count: z.int().min(1),
});

/**
 * All requests of a closed period as dots. Whom they were sent to is not in it, and times are rounded, so that single requests
 * are hard to find again: a miner's probes by the miner, a user's by anybody. Where one miner alone serves a task, the dots are its.
 */
export const periodRequestsSchema = z.object({
  period: z.int(),
  startsAtMs: z.int(),
  endsAtMs: z.int(),
  /** Of all dots, and of those that were left out because there are too many; probes go first. */
  requests: count,
  omittedRequests: count,
  /** In order of time. */
  dots: z.array(requestDotSchema),
});

/** See {@link requestDotSchema}. */
export type RequestDot = z.infer<typeof requestDotSchema>;
/** See {@link periodRequestsSchema}. */
export type PeriodRequests = z.infer<typeof periodRequestsSchema>;
