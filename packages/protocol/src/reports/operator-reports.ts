import { z } from "zod";

const text = z.string().trim().min(1).max(128);
const limit = z.int().min(1).max(1_000_000_000);

/** Limits of a key, each a minute but for the requests at a time. */
const keyLimitsSchema = z.strictObject({
  requestsPerMinute: limit,
  /** Work units of answers; null for no limit. */
  tokensPerMinute: limit.nullable(),
  concurrentRequests: limit,
});

/** Body of `POST /v1/operator/keys`. */
export const newKeyRequestSchema = keyLimitsSchema.extend({ name: text });

/** Body of `PATCH /v1/operator/keys/ID`. */
export const changeKeyRequestSchema = keyLimitsSchema;

/** A new key; its text is shown this once. */
export const newKeySchema = z.object({ id: z.string(), key: z.string() });

const operatorKeySchema = z.object({
  id: z.string(),
  name: z.string(),
  /** First characters of the key. */
  prefix: z.string(),
  requestsPerMinute: z.number(),
  tokensPerMinute: z.number().nullable(),
  concurrentRequests: z.number(),
  /** Whether the validator draws its own requests from those of this key, too. */
  sharesRequests: z.boolean(),
  createdAtMs: z.number(),
  lastUsedAtMs: z.number().nullable(),
  revokedAtMs: z.number().nullable(),
  /** Of the last 30 days, over all tasks. */
  requests: z.number(),
  errors: z.number(),
  promptTokens: z.number(),
  units: z.number(),
});

/** What the validator's operator is shown with the operator's token. */
export const operatorReportSchema = z.object({
  keys: z.array(operatorKeySchema),
  /** The newest changes of keys, newest first; the limits are those after the change. */
  changes: z.array(
    z.object({
      atMs: z.number(),
      who: z.string(),
      what: z.enum(["created", "limitsChanged", "sharingBegun", "sharingEnded", "revoked"]),
      keyId: z.string(),
      requestsPerMinute: z.number(),
      tokensPerMinute: z.number().nullable(),
      concurrentRequests: z.number(),
    }),
  ),
  /** The settings in force, secrets hidden. */
  settings: z.record(z.string(), z.unknown()),
  /** What starts found otherwise than the start before, newest first; JSON values, secrets hidden, null for what was or is not there. */
  settingsChanges: z.array(
    z.object({ atMs: z.number(), version: z.string(), setting: z.string(), before: z.unknown(), after: z.unknown() }),
  ),
});

/** See {@link operatorReportSchema}. */
export type OperatorReport = z.infer<typeof operatorReportSchema>;
/** What a key may do; see {@link changeKeyRequestSchema}. */
export type KeyLimits = z.infer<typeof keyLimitsSchema>;
/** See {@link newKeySchema}. */
export type NewKey = z.infer<typeof newKeySchema>;
