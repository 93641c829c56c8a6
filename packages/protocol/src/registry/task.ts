import { z } from "zod";
import { familyNames } from "../families/families.js";
import { taskCapabilities } from "../families/task-abilities.js";
import { samplerNames, samplerSchema } from "../sampling/samplers.js";

/** Lower-case words joined by hyphens, at most 64 characters. */
export const taskIdSchema = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "must be lower-case words joined by hyphens")
  .max(64);

/**
 * How answers of a task are checked.
 *
 * - `teacher-forcing`: the returned tokens are forced through the reference model in one pass. `samplers`: how miners may draw them, see
 *   {@link samplerNames}; where a draw can be repeated from the request's seed, every token is audited by how far it lies behind the draw.
 *   `marginNats` is how far an honest engine's token may lie behind at most, and `maxLogprobDifference` bounds the mean absolute difference
 *   between claimed and reference logprobs; both in nats, and both a matter of the engines' arithmetic.
 * - `regenerate`: the answer is made again from the same seed; `maxPixelDifference` is the largest difference of one 8-bit channel.
 * - `embed`: the vectors are made again; `minCosine` is the smallest cosine between a vector and the reference's that counts in full.
 * - `none`: answers are timed only.
 */
export const taskCheckSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("teacher-forcing"),
    samplers: z
      .array(samplerSchema)
      .min(1)
      .max(samplerNames.length)
      .refine((names) => new Set(names).size === names.length, "names a sampler twice"),
    marginNats: z.number().min(0).max(20),
    maxLogprobDifference: z.number().min(0).max(20),
  }),
  z.strictObject({ kind: z.literal("regenerate"), maxPixelDifference: z.int().min(0).max(255) }),
  z.strictObject({ kind: z.literal("embed"), minCosine: z.number().min(0).max(1) }),
  z.strictObject({ kind: z.literal("none") }),
]);

/** How answers of a task are checked; see {@link taskCheckSchema}. */
export type TaskCheck = z.infer<typeof taskCheckSchema>;

/** A task that miners can serve. The bytes that validators send to miners; it carries no reward weight and no hardware flags. */
export const taskSchema = z.strictObject({
  id: taskIdSchema,
  family: z.enum(familyNames),
  displayName: z.string().min(1).max(128),
  /** Name of the model in terms of whoever serves it: an embedded model, a Hugging Face id, a file name. */
  model: z.string().min(1).max(256),
  /** Longest prompt plus answer in tokens; text families only. */
  contextTokens: z.int().min(16).max(2_000_000).optional(),
  /** Image sizes that are allowed, WIDTHxHEIGHT; image family only. The first one is the default. */
  imageSizes: z
    .array(z.string().regex(/^\d{1,4}x\d{1,4}$/))
    .min(1)
    .max(64)
    .optional(),
  /** What the task can do of what not every task can; missing: all of it. Requests for anything else are refused. */
  capabilities: z.array(z.enum(taskCapabilities)).max(16).optional(),
  /** The most work units per hour that one miner is credited with. */
  maxCapacityPerHour: z.number().positive().max(1e12),
  /** Work units of a typical request; turns volume into a number of probes. */
  typicalUnitsPerRequest: z.number().positive().max(1e6),
  /** A request that takes longer has failed, milliseconds; long answers are given more, see `answerTimeLimits`. */
  timeoutMs: z.int().min(100).max(3_600_000),
  /** Speed at which the speed factor is 1. */
  target: z.strictObject({
    /** Time to the first token (streams) or fixed cost of an answer, milliseconds. */
    firstTokenMs: z.number().positive().max(600_000),
    /** Work units per second after that. */
    unitsPerSecond: z.number().positive().max(1e9),
  }),
  check: taskCheckSchema,
  isEnabled: z.boolean(),
});

/** One thing that miners can serve; see {@link taskSchema}. */
export type Task = z.infer<typeof taskSchema>;

/** Work units per hour that a miner serves of a task. */
export type CapacityPerHour = number;
