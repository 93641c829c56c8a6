import { z } from "zod";
import { protocolLimits } from "../limits.js";
import { taskSchema } from "../registry/task.js";
import type { SamplerName } from "../sampling/samplers.js";

// A stateless signature covers the body and not the path. A validator signs bodies that hold its users' own fields, so a body that names a
// model is an inference request, whatever else is in it: it can be sent on to no control endpoint.
const noModel = { model: z.never({ error: "a request for inference is no control request" }).optional() };

/** `POST /v1/capacity`: what a validator asks at the start of a period. It carries the tasks, so that miners learn of new ones. */
export const capacityRequestSchema = z.looseObject({
  protocolVersion: z.string().max(16),
  /** Length of the validator's scoring period, milliseconds. */
  periodMs: z.number().positive(),
  tasks: z.array(z.unknown()).max(1024),
  ...noModel,
});

/** A capacity request, as the validator sends it. `periodMs` in milliseconds. */
export type CapacityRequest = {
  readonly protocolVersion: string;
  readonly periodMs: number;
  readonly tasks: readonly z.infer<typeof taskSchema>[];
};

/** What a miner answers. Values are parsed one by one ({@link parseCapacities}), so that one bad number costs one task. */
export const capacityResponseSchema = z.looseObject({
  protocolVersion: z.string().max(16),
  /** Work units per hour by task id. */
  capacities: z.record(z.string().max(64), z.unknown()),
  /** How the miner's engine draws tokens, by task id; see `parseSamplers`. */
  samplers: z.record(z.string().max(64), z.unknown()).nullish().catch(null),
});

/** A capacity answer, as an honest miner sends it: work units per hour by task id, and the engines' samplers where it knows them. */
export type CapacityResponse = {
  readonly protocolVersion: string;
  readonly capacities: Readonly<Record<string, number>>;
  readonly samplers: Readonly<Record<string, SamplerName>>;
};

/** `POST /v1/hello`: opens a session. Signed by the validator's hotkey (Epistula headers); the answer is signed by the miner's. */
export const helloRequestSchema = z.looseObject({
  protocolVersion: z.string().max(16),
  /** The validator's ephemeral X25519 public key, 32 bytes in hex. */
  ephemeralPublicKey: z.string().regex(/^[0-9a-f]{64}$/),
  ...noModel,
});

/** A hello, as the validator sends it. */
export type HelloRequest = { readonly protocolVersion: string; readonly ephemeralPublicKey: string };

/** The miner's answer to a hello. */
export const helloResponseSchema = z.looseObject({
  protocolVersion: z.string().max(16),
  sessionId: z.string().regex(/^[0-9a-f]{32}$/),
  /** The miner's ephemeral X25519 public key, 32 bytes in hex. */
  ephemeralPublicKey: z.string().regex(/^[0-9a-f]{64}$/),
  /** Unix time in milliseconds after which the miner forgets the session. */
  expiresAtMs: z.int().positive(),
  /** The miner's hotkey (ss58). */
  hotkey: z.string().max(64),
  /** The certificate (X.509, DER in base64) that the miner's transport proves itself with. */
  certificate: z.base64().min(1).max(8192),
  /** sr25519 signature by that hotkey over the hello transcript, 0x hex. */
  signature: z.string().regex(/^0x[0-9a-f]{128}$/),
});

/** A hello's answer that {@link helloResponseSchema} has parsed. */
export type HelloResponse = z.infer<typeof helloResponseSchema>;

/** `GET /v1/status`: open to anybody; what a miner is and speaks. */
export const statusResponseSchema = z.looseObject({
  protocolVersion: z.string().max(16),
  hotkey: z.string().max(64),
  tasks: z.array(z.string().max(64)).max(1024),
});

/** A status that {@link statusResponseSchema} has parsed. */
export type StatusResponse = z.infer<typeof statusResponseSchema>;

/** Control endpoints of a miner. The inference endpoints are the families' own paths. */
export const routes = {
  hello: { method: "POST", path: "/v1/hello", authentication: "signature", maxRequestBytes: 16 * 1024 },
  capacity: { method: "POST", path: "/v1/capacity", authentication: "session", maxRequestBytes: protocolLimits.requestBytes },
  status: { method: "GET", path: "/v1/status", authentication: "none", maxRequestBytes: 0 },
  /** For whatever starts and watches the miner: 200 or 503 without a body. */
  alive: { method: "GET", path: "/healthz", authentication: "none", maxRequestBytes: 0 },
  ready: { method: "GET", path: "/readyz", authentication: "none", maxRequestBytes: 0 },
} as const;

/** The tasks of a capacity request that this version understands; others are left out, never an error. */
export function parseOfferedTasks(tasks: readonly unknown[]): readonly z.infer<typeof taskSchema>[] {
  return tasks.flatMap((task) => {
    const parsed = taskSchema.safeParse(task);
    return parsed.success ? [parsed.data] : [];
  });
}

/** A capacity that a miner declared, or why it counts as none. */
export type ParsedCapacity = {
  readonly capacityPerHour: number;
  /** How the miner says that it draws this task's tokens. */
  readonly sampler: SamplerName;
  readonly problem: string | null;
};

/**
 * The sampler that counts for a miner that declares none: `unknown` where the task takes that, else the task's first; `unknown` for tasks
 * without tokens.
 */
export function defaultSampler({ check }: Pick<z.infer<typeof taskSchema>, "check">): SamplerName {
  if (check.kind !== "teacher-forcing" || check.samplers.includes("unknown")) return "unknown";
  return check.samplers[0] ?? "unknown";
}

function readSampler(task: z.infer<typeof taskSchema>, value: unknown): SamplerName | null {
  if (value === undefined || value === null || task.check.kind !== "teacher-forcing") return defaultSampler(task);
  return task.check.samplers.find((name) => name === value) ?? null;
}

const own = (record: Readonly<Record<string, unknown>> | null | undefined, id: string): unknown =>
  record !== null && record !== undefined && Object.hasOwn(record, id) ? record[id] : undefined;

/**
 * Capacities of one miner, one entry for each asked task, whatever the miner sent: NaN, infinities, null, strings, negative and missing
 * values are 0 with a reason, and so is any capacity with a sampler that the task does not take; values above the task's maximum are cut to
 * it.
 */
export function parseCapacities(
  answer: {
    readonly capacities: Readonly<Record<string, unknown>>;
    readonly samplers?: Readonly<Record<string, unknown>> | null | undefined;
  },
  tasks: readonly z.infer<typeof taskSchema>[],
): ReadonlyMap<string, ParsedCapacity> {
  return new Map(
    tasks.map((task): [string, ParsedCapacity] => {
      const value = own(answer.capacities, task.id);
      const sampler = readSampler(task, own(answer.samplers, task.id));
      const none = (problem: string | null): ParsedCapacity => ({ capacityPerHour: 0, sampler: sampler ?? defaultSampler(task), problem });
      if (value === undefined) return [task.id, none(null)];
      if (typeof value !== "number" || !Number.isFinite(value) || value < 0) return [task.id, none("not a finite number of at least 0")];
      if (sampler === null) return [task.id, none("with a sampler that the task does not take")];
      return [task.id, { capacityPerHour: Math.min(value, task.maxCapacityPerHour), sampler, problem: null }];
    }),
  );
}
