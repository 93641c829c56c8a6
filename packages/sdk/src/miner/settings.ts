import {
  defaultTasks,
  type SamplerName,
  samplerSchema,
  type Task,
  taskIdSchema,
  taskSchema,
  VALIDATOR_BURST_HOURS,
} from "@vision/protocol";
import { z } from "zod";
import { BACKEND_SPECIFICATION_VERSION, type InferenceBackend } from "../backends/inference-backend.js";
import { clockOption, hotkeyOption, loggerOption, withFunctions } from "../runtime/option-parts.js";
import { invalidOptions, safeParseOptions } from "../runtime/parse-options.js";
import type { MinerOptions } from "./miner.js";
import { findPoolMistakes, type MinerPoolOptions, type ServedPool } from "./pools.js";

/** One task that the miner serves, with everything decided. */
export type ServedTask = {
  readonly id: string;
  /** What is declared; of a task in a pool, its part of the machine. */
  readonly capacityPerHour: number;
  /** Of the task, or of the pool that it is in. */
  readonly concurrency: number;
  /** The machine that it shares with other tasks; `null` for one on its own. */
  readonly pool: ServedPool | null;
  readonly model: string | null;
  /** How the backend draws tokens; `null`: it says so itself. */
  readonly sampler: SamplerName | null;
  readonly backend: InferenceBackend;
  /** Our own definition; `null` for a task that only validators know. */
  readonly definition: Task | null;
};

/** What a task's requests run on: a name that its pool's tasks share, or its own. A space is in no task's id. */
export function machineOf({ id, pool }: ServedTask): string {
  return pool === null ? id : `pool ${pool.name}`;
}

const DEFAULT_CONCURRENCY = 8;
const LEAST_BURST = `must be at least ${VALIDATOR_BURST_HOURS}: validators save up as much of an hour`;

const backendSchema = withFunctions<InferenceBackend>(["run"], "a backend").superRefine((backend, context) => {
  const version: unknown = backend.specificationVersion;
  if (typeof backend.name !== "string" || backend.name === "") context.addIssue({ code: "custom", message: "must have a name" });
  if (version === BACKEND_SPECIFICATION_VERSION) return;
  const told = version === undefined ? "none" : String(version);
  const message = `its specificationVersion is ${told}; this SDK takes backends of version ${BACKEND_SPECIFICATION_VERSION}`;
  context.addIssue({ code: "custom", message });
});

const taskOptionsSchema = z.strictObject({
  capacityPerHour: z.number("must be a number of at least 0").min(0, "must be a number of at least 0"),
  concurrency: z.int("must be a whole number of at least 1").min(1, "must be a whole number of at least 1").optional(),
  model: z.string().min(1, "must not be empty").optional(),
  sampler: samplerSchema.optional(),
});

const optionsSchema = z.strictObject({
  hotkey: hotkeyOption,
  tasks: z.record(z.string(), taskOptionsSchema).refine((tasks) => Object.keys(tasks).length > 0, "name at least one task"),
  pools: z
    .record(
      z.string(),
      z.strictObject({
        tasks: z.record(z.string(), z.number().gt(0, "must be above 0 and at most 1").max(1, "must be above 0 and at most 1")),
        concurrency: taskOptionsSchema.shape.concurrency,
      }),
    )
    .optional(),
  backend: backendSchema.optional(),
  backends: z.record(z.string(), backendSchema).optional(),
  taskDefinitions: z.array(taskSchema).optional(),
  validators: withFunctions<NonNullable<MinerOptions["validators"]>>(
    ["isAllowed", "totalStakeRao"],
    "a directory of validators",
  ).optional(),
  capacitySharing: z.enum(["among-active", "among-permitted", "none"]).optional(),
  burstFraction: z.number().min(VALIDATOR_BURST_HOURS, LEAST_BURST).max(1, "must be at most 1").optional(),
  sessionTtlMs: z.number().min(1000, "must be at least 1000").optional(),
  transportCertificate: z.instanceof(Uint8Array).optional(),
  clock: clockOption,
  logger: loggerOption,
  random: z.custom<NonNullable<MinerOptions["random"]>>((value) => typeof value === "function", "must be a function").optional(),
  observe: z.custom<NonNullable<MinerOptions["observe"]>>((value) => typeof value === "function", "must be a function").optional(),
  trace: z.custom<NonNullable<MinerOptions["trace"]>>((value) => typeof value === "function", "must be a function").optional(),
});

/**
 * The tasks of the options, by id.
 *
 * @throws {@link VisionError} `SDK_INVALID_OPTIONS` naming every mistake at once.
 */
export function readServedTasks(options: MinerOptions): ReadonlyMap<string, ServedTask> {
  const parsed = safeParseOptions(optionsSchema, options);
  const mistakes = [...(parsed.ok ? [] : parsed.mistakes), ...findMisnamed(options)];
  const poolMistakes = parsed.ok ? findPoolMistakes(parsed.options) : [];
  mistakes.push(...poolMistakes.map(({ path, message }) => `${path.join(".")}: ${message}`));
  if (!parsed.ok || mistakes.length > 0) throw invalidOptions("createMiner", mistakes);
  const { pools = {}, tasks, backend: defaultBackend, backends = {}, taskDefinitions = [] } = parsed.options;
  const definitions = new Map([...defaultTasks, ...taskDefinitions].map((task) => [task.id, task]));
  const served = new Map<string, ServedTask>();
  for (const [id, { capacityPerHour: wholePerHour, concurrency, model = null, sampler = null }] of Object.entries(tasks)) {
    const backend = backends[id] ?? defaultBackend;
    if (backend === undefined) continue;
    const owner = Object.entries(pools).find(([, pool]) => Object.hasOwn(pool.tasks, id));
    const shared = owner === undefined ? null : shareOfPool({ name: owner[0], pool: owner[1], id, wholePerHour });
    const own = { capacityPerHour: wholePerHour, concurrency: concurrency ?? DEFAULT_CONCURRENCY, pool: null };
    served.set(id, { id, ...(shared ?? own), model, sampler, backend, definition: definitions.get(id) ?? null });
  }
  return served;
}

type PoolOptions = { readonly tasks: MinerPoolOptions["tasks"]; readonly concurrency?: number | undefined };

function shareOfPool({ name, pool, id, wholePerHour }: { name: string; pool: PoolOptions; id: string; wholePerHour: number }) {
  const { concurrency = DEFAULT_CONCURRENCY } = pool;
  const fraction = Object.values(pool.tasks).reduce((sum, each) => sum + each, 0);
  return {
    capacityPerHour: wholePerHour * (pool.tasks[id] ?? 0),
    concurrency,
    pool: { name, fraction: Math.min(1, fraction), unitsPerMachineHour: wholePerHour },
  };
}

const namesSchema = z.looseObject({
  tasks: z.record(z.string(), z.unknown()),
  backends: z.record(z.string(), z.unknown()).default({}),
  backend: z.unknown().optional(),
});

/** Names that are no task ids, tasks without a backend, and backends without a task, whatever else is wrong. */
function findMisnamed(options: unknown): readonly string[] {
  const names = namesSchema.safeParse(options);
  if (!names.success) return [];
  const { tasks, backends, backend } = names.data;
  const lonelyTasks = Object.keys(tasks).filter((id) => backend === undefined && backends[id] === undefined);
  const lonelyBackends = Object.keys(backends).filter((id) => !Object.hasOwn(tasks, id));
  const badIds = Object.keys(tasks).filter((id) => !taskIdSchema.safeParse(id).success);
  return [
    ...badIds.map((id) => `tasks.${id}: a task id is lower-case words joined by hyphens`),
    ...lonelyTasks.map((id) => `tasks.${id}: no backend; pass \`backend\` or \`backends["${id}"]\``),
    ...lonelyBackends.map((id) => `backends.${id}: there is no such task in tasks`),
  ];
}
