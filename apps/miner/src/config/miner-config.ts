import {
  defineProgram,
  doctorSection,
  endpointsSetting,
  hotkeySection,
  listenHost,
  logSection,
  networkSetting,
  optionalNetuidSetting,
  setting,
  tracesSection,
  updatesSection,
  walletSection,
} from "@vision/program";
import { samplerSchema, taskSchema } from "@vision/sdk";
import { z } from "zod";
import { backendConfigSchema } from "./backend-config.js";

const port = z.int().min(0).max(65_535);

const tasksSetting = setting(
  z
    .record(
      taskSchema.shape.id,
      z.strictObject({
        capacityPerHour: setting(z.number().positive().max(1e12), {
          description:
            "Work units per hour over all validators: tokens for text, steps for images. Of a task in a pool, what the whole machine does when it does nothing else.",
        }),
        concurrency: setting(z.int().min(1).max(100_000).optional(), {
          description: "Requests answered at a time. Not for a task in a pool.",
          defaultText: "`8`",
        }),
        model: setting(z.string().min(1).optional(), {
          description: "The backend's own name for the task's model.",
          defaultText: "the task's",
        }),
        sampler: setting(samplerSchema.optional(), {
          description: "How the backend's engine draws tokens; validators repeat the draws.",
          defaultText: "what the backend finds out",
        }),
        backend: setting(z.string().min(1).optional(), {
          description: "Name in `backends`.",
          defaultText: "the only one",
        }),
      }),
    )
    .refine((tasks) => Object.keys(tasks).length > 0, { error: "name at least one task" }),
  { description: "What is served, by task id.", example: '{ "chat-tiny": { "capacityPerHour": 60000 } }' },
);

const poolSchema = z.strictObject({
  tasks: setting(z.record(taskSchema.shape.id, z.number().gt(0).max(1)), {
    description: "How much of the machine each task has, by task id: fractions that add up to 1 at most.",
  }),
  concurrency: setting(z.int().min(1).max(100_000).optional(), {
    description: "Requests answered at a time, over all of the pool's tasks.",
    defaultText: "`8`",
  }),
});

const poolsSetting = setting(z.record(z.string().min(1), poolSchema).default({}), {
  description: "Machines that several tasks share, by a name of your own; a task in no pool is taken to have one of its own.",
  example: '{ "gpu0": { "tasks": { "chat-llama-3-1-8b": 0.7, "completion-llama-3-1-8b": 0.3 } } }',
  defaultText: "none",
});

const backendsSetting = setting(
  z.record(z.string().min(1), backendConfigSchema).refine((backends) => Object.keys(backends).length > 0, {
    error: 'name at least one backend, e.g. { "local": { "kind": "tiny" } }',
  }),
  { description: "What answers, by a name of your own.", example: '{ "local": { "kind": "tiny" } }' },
);

const chainSection = z
  .strictObject({
    endpoints: endpointsSetting,
    minStakeRao: setting(
      z
        .union([z.int().min(0), z.string().regex(/^\d{1,20}$/, "must be a whole number of RAO")])
        .transform(BigInt)
        .default(0n),
      { description: "Validators with less stake are refused, RAO (1e-9 TAO). Text holds large numbers exactly." },
    ),
    requirePermit: setting(z.boolean().default(true), { description: "Serve only validators with the subnet's permit." }),
    announce: z
      .strictObject({
        host: setting(z.string().min(1), { description: "IP address that is published on the chain." }),
        port: setting(port.min(1).optional(), {
          description: "Port that is published on the chain.",
          defaultText: "the one that the miner listens on",
        }),
      })
      .optional(),
  })
  .prefault({});

/** The miner's settings. */
export const minerProgram = defineProgram("miner", {
  network: networkSetting,
  netuid: optionalNetuidSetting,
  chain: chainSection,
  wallet: walletSection,
  hotkey: hotkeySection,
  listen: z
    .strictObject({
      host: setting(listenHost.default("0.0.0.0"), { description: "Address to listen on." }),
      port: setting(port.default(8091), { description: "Port to listen on; 0 takes a free one." }),
    })
    .prefault({}),
  metrics: z
    .strictObject({
      isEnabled: setting(z.boolean().default(false), { description: "Serve metrics for Prometheus." }),
      host: setting(listenHost.default("127.0.0.1"), { description: "Address that metrics listen on." }),
      port: setting(port.default(9091), { description: "Port of the metrics; 0 takes a free one." }),
    })
    .prefault({}),
  control: z
    .strictObject({
      socket: setting(z.string().min(1).max(100, "must be 100 characters at most; systems allow sockets no longer names"), {
        description: "Unix socket at which this user's programs, `vision-miner capacity` among them, read and set the capacity.",
        isPath: true,
        defaultText: "none",
      }),
    })
    .optional(),
  traces: tracesSection,
  tasks: tasksSetting,
  pools: poolsSetting,
  backends: backendsSetting,
  taskDefinitions: setting(z.array(taskSchema).default([]), {
    description: "Tasks that this version does not know, or other definitions of those it knows.",
  }),
  capacitySharing: setting(z.enum(["among-active", "among-permitted", "none"]).default("among-active"), {
    description: "How capacity is shared out between validators: among-active, among-permitted or none.",
  }),
  validators: z
    .strictObject({
      allow: setting(z.array(z.string().min(40).max(64)).min(1), {
        description: "Hotkeys (ss58) that are served instead of a subnet's validators; everybody else is refused.",
        defaultText: "everybody who signs",
      }),
    })
    .optional(),
  drainMs: setting(z.int().min(0).max(86_400_000).optional(), {
    description: "Longest that answers under way may take at shutdown, milliseconds.",
    defaultText: "as long as each of them may take",
  }),
  doctor: doctorSection,
  updates: updatesSection,
  log: logSection,
});

/** The whole configuration. */
export const minerConfigSchema = z.strictObject(minerProgram.shape);

/** A checked configuration. */
export type MinerConfig = z.output<typeof minerConfigSchema>;

/** A configuration's place on a chain. */
export type MinerChainConfig = Pick<MinerConfig, "network" | "chain"> & { readonly netuid: number };
