import { z } from "zod";

const text = z.string().trim().min(1).max(128);
const limit = z.int().min(1).max(1_000_000_000);

/** Most work units of a budget, or of one credit: far more than a subnet delivers. */
export const MOST_BUDGET_UNITS = 1_000_000_000_000;
const units = z.int().min(0).max(MOST_BUDGET_UNITS);

/** Limits of a key, each a minute but for the requests at a time and the work units of a month. */
const keyLimitsSchema = z.strictObject({
  requestsPerMinute: limit,
  /** Work units of answers; null for no limit. */
  tokensPerMinute: limit.nullable(),
  concurrentRequests: limit,
  /** Work units of answers in a calendar month in UTC; null for no budget. Left out: none, or as it was. */
  monthlyUnits: units.nullable().optional(),
});

/** Body of `POST /v1/operator/keys`. */
export const newKeyRequestSchema = keyLimitsSchema.extend({
  name: text,
  /** Work units that are paid for in advance: the key is good for no more. Null, or left out: for any number. */
  creditUnits: units.nullable().optional(),
});

/** Body of `PATCH /v1/operator/keys/ID`. */
export const changeKeyRequestSchema = keyLimitsSchema;

/** Body of `POST /v1/operator/keys/ID/credit`. */
export const creditRequestSchema = z.strictObject({
  /** Work units that are paid for besides what was before; negative takes back. */
  units: z
    .int()
    .min(-MOST_BUDGET_UNITS)
    .max(MOST_BUDGET_UNITS)
    .refine((value) => value !== 0, "zero adds nothing"),
  /** What the operator calls the payment. Of requests with the same one only the first counts, so one whose answer was lost can be sent again. */
  reference: text.optional(),
});

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
  /** Work units of a calendar month in UTC; null for no budget. */
  monthlyUnits: z.number().nullable(),
  /** Work units that were charged in this month. */
  chargedThisMonthUnits: z.number(),
  /** Work units that are left of what was paid for in advance, negative where more was used; null where nothing was. */
  creditLeftUnits: z.number().nullable(),
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
      what: z.enum(["created", "limitsChanged", "creditAdded", "creditEnded", "sharingBegun", "sharingEnded", "revoked"]),
      keyId: z.string(),
      requestsPerMinute: z.number(),
      tokensPerMinute: z.number().nullable(),
      concurrentRequests: z.number(),
      monthlyUnits: z.number().nullable(),
      /** Work units that were paid for by the change; null where it was about something else. */
      creditUnits: z.number().nullable(),
      reference: z.string().nullable(),
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
