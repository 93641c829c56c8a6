import { samplerSchema } from "@vision/protocol";
import { z } from "zod";
import type { SpooledResult } from "../ports/index.js";
import { storedAnswerSchema } from "./stored-answer-schema.js";

const seriesSchema = z.object({ requestId: z.string(), period: z.int(), hotkey: z.string(), taskId: z.string() });

/** A result and its check as this program wrote them down, read back. */
export const spooledResultSchema: z.ZodType<SpooledResult> = z.object({
  result: seriesSchema.extend({
    isOrganic: z.boolean(),
    isOpening: z.boolean().default(true),
    outcome: z.enum(["ok", "rateLimited", "failed"]),
    blame: z.enum(["miner", "validator", "nobody"]),
    reason: z.string().nullable(),
    failure: z
      .object({
        stage: z.enum(["request", "connection", "session", "time", "status", "content", "cancelled"]),
        status: z.number().nullable(),
      })
      .nullable()
      .default(null),
    retryAfterMs: z.number().nullable().default(null),
    silentMs: z.number().nullable().default(null),
    attemptedUnits: z.number(),
    completedUnits: z.number(),
    startedAtMs: z.number(),
    firstTokenMs: z.number().nullable(),
    durationMs: z.number(),
  }),
  check: seriesSchema
    .extend({
      request: z.record(z.string(), z.unknown()),
      answer: storedAnswerSchema,
      receipt: z.object({ requestSha256Hex: z.string(), atMs: z.number(), signatureHex: z.string() }).nullable().default(null),
      sampler: samplerSchema.default("unknown"),
      isOrganic: z.boolean().default(false),
      firstTokenMs: z.number().nullable(),
      durationMs: z.number(),
      units: z.number(),
    })
    .nullable(),
});
