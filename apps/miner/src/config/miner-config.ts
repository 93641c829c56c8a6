import { z } from "zod";
import { backendConfigSchema } from "./backend-config.js";
import { hotkeySchema } from "./hotkey-config.js";

const taskId = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "must be lower-case words joined by hyphens");

const taskSchema = z.strictObject({
  /** Work units per hour over all validators: tokens for text, steps for images. */
  capacityPerHour: z.number().positive().max(1e12),
  /** Requests answered at a time. */
  concurrency: z.int().min(1).max(100_000).optional(),
  /** The backend's own name for the task's model, where it differs. */
  model: z.string().min(1).optional(),
  /** Name in `backends`; may be left out when there is only one. */
  backend: z.string().min(1).optional(),
});

const port = z.int().min(0).max(65_535);

/** Networks that have a name. */
export const networkNames = ["finney", "test", "local"] as const;

function isWebSocketUrl(text: string): boolean {
  return URL.canParse(text) && ["ws:", "wss:"].includes(new URL(text).protocol);
}

const chainFields = z.strictObject({
  /** `finney`, `test`, `local` or a ws(s) URL. Needed unless there are `endpoints`. */
  url: z
    .string()
    .refine((text) => networkNames.some((name) => name === text) || isWebSocketUrl(text), {
      error: `must be ${networkNames.join(", ")} or a URL that starts with ws:// or wss://`,
    })
    .optional(),
  /** ws(s) URLs of nodes of one chain, tried in order and before `url`. */
  endpoints: z
    .array(z.string().refine(isWebSocketUrl, { error: "must be a URL that starts with ws:// or wss://" }))
    .min(1)
    .max(64)
    .optional(),
  netuid: z.int().min(0).max(65_535),
  /** Validators with less stake are refused, RAO (1e-9 TAO). A string holds large numbers exactly. */
  minStakeRao: z
    .union([z.int().min(0), z.string().regex(/^\d{1,20}$/, "must be a whole number of RAO")])
    .transform(BigInt)
    .default(0n),
  /** Whether validators need the subnet's validator permit. */
  requirePermit: z.boolean().default(true),
  /** Where validators reach this miner; published on the chain at start. Left out: nothing is published. */
  announce: z.strictObject({ host: z.string().min(1), port: port.min(1) }).optional(),
});

/** The chain that a miner belongs to. */
export const chainSchema = chainFields.refine(({ url, endpoints }) => url !== undefined || endpoints !== undefined, {
  path: ["url"],
  error: "is missing; give finney, test, local or a ws:// URL, or give endpoints",
  // Also when another field is wrong, so that both are told.
  when: ({ value }) => typeof value === "object" && value !== null,
});

const validatorsSchema = z.strictObject({
  /** Hotkeys (ss58) that are served; everybody else is refused. */
  allow: z.array(z.string().min(40).max(64)).min(1),
});

/** The whole configuration. Everything is optional that has a default worth having. */
export const minerConfigSchema = z.strictObject({
  hotkey: hotkeySchema,
  allowDevKeys: z.boolean().default(false),
  listen: z.strictObject({ host: z.string().min(1).default("0.0.0.0"), port: port.default(8091) }).prefault({}),
  tasks: z.record(taskId, taskSchema).refine((tasks) => Object.keys(tasks).length > 0, { error: "name at least one task" }),
  backends: z.record(z.string().min(1), backendConfigSchema).refine((backends) => Object.keys(backends).length > 0, {
    error: 'name at least one backend, e.g. { "local": { "kind": "tiny" } }',
  }),
  /** Tasks that this version does not know, or other definitions of those it knows; the SDK checks them. */
  taskDefinitions: z.array(z.looseObject({ id: taskId })).default([]),
  /** How capacity is shared out between validators. */
  capacitySharing: z.enum(["among-active", "among-permitted", "none"]).default("among-active"),
  /** Who is served. Left out: everybody who signs, with a warning. */
  validators: validatorsSchema.optional(),
  /** Serves the subnet's validators, by stake and permit, in place of `validators`. */
  chain: chainSchema.optional(),
  /** The longest that answers under way may take at shutdown, milliseconds. Left out: as long as each of them may take. */
  drainMs: z.int().min(0).max(86_400_000).optional(),
  logLevel: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
});

/** A checked configuration. */
export type MinerConfig = z.infer<typeof minerConfigSchema>;
