import { z } from "zod";

/** Rows of one page at most. */
const MOST_VERDICTS = 500;

const cursor = z.string().regex(/^\d{1,15}\.\d{1,15}$/);

/**
 * `POST /v1/verdicts` of a validator's API: a miner asks for the verdicts on its own answers, signed by its hotkey (Epistula headers) for
 * the validator's. The purpose keeps any other signed body from being taken for one.
 */
export const verdictsRequestSchema = z.looseObject({
  purpose: z.literal("verdicts"),
  /** Of requests that were sent at this time or later, Unix milliseconds. */
  sinceMs: z.int().min(0).default(0),
  /** Where the last page ended; its `next`. */
  after: cursor.nullish().default(null),
  limit: z.int().min(1).max(MOST_VERDICTS).default(MOST_VERDICTS),
});

/** One checked answer, as its miner is told. Whether a user or the validator had asked is not in it. */
const minerVerdictSchema = z.object({
  /** The validator's own name of the request; a miner knows it by task and time. */
  requestId: z.string().max(64),
  period: z.int(),
  taskId: z.string().max(64),
  /** When it was sent, Unix milliseconds at the validator. */
  atMs: z.int(),
  /** 0 to 1. */
  qualityFraction: z.number().min(0).max(1),
  /** What the worst fault is, one of `faultCodes` or of a later version's; null where there is none. */
  fault: z.string().max(64).nullable(),
  /** The faults in plain words. */
  reasons: z.array(z.string().max(1_000)).max(32),
  /** How much more surprising the tokens were than the model's own, nats; null where that tells nothing. Noise adds up to about 0. */
  excessNats: z.number().nullable(),
  firstTokenMs: z.number().nullable(),
  durationMs: z.number(),
  units: z.number(),
});

/** What a validator answers, in order of periods, signed by its hotkey. Only periods whose public report is out. */
export const verdictsPageSchema = z.object({
  /** ss58 addresses. */
  validator: z.string().max(64),
  miner: z.string().max(64),
  /** The request's `epistula-uuid`: an answer of before is none to this request. */
  uuid: z.string().max(64),
  atMs: z.int(),
  verdicts: z.array(minerVerdictSchema).max(MOST_VERDICTS),
  /** Where to go on; null when that was all there is now. */
  next: cursor.nullable(),
  /** sr25519 over `verdictsMessage`, 64 bytes in hex. */
  signatureHex: z.string().regex(/^[0-9a-f]{128}$/),
});

/** See {@link minerVerdictSchema}. */
export type MinerVerdict = z.infer<typeof minerVerdictSchema>;
/** See {@link verdictsRequestSchema}. */
export type VerdictsRequest = z.infer<typeof verdictsRequestSchema>;
/** See {@link verdictsPageSchema}. */
export type VerdictsPage = z.infer<typeof verdictsPageSchema>;
