import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { networks } from "@vision/chain";
import {
  type ChainSight,
  chainPlace,
  checkChain,
  checkListener,
  checkNames,
  checkOutside,
  checkWallet,
  type DoctorCheck,
  type Finding,
  fail,
  hostAndPort,
  judgeNeuron,
  judgePart,
  ok,
  tellEnd,
} from "@vision/program";
import { anySignal, enabledTasks, type Task } from "@vision/protocol";
import type { ReferenceSettings, ValidatorConfig } from "../config/index.js";
import { type DatabaseState, judgeDatabase, judgeFreeSpace } from "../domain/judge-database.js";
import { judgeRedis, type RedisState } from "../domain/judge-redis.js";
import { judgeCommitReveal, judgePermit, judgeStake } from "../domain/judge-standing.js";
import type { Reference, ReferenceModel } from "../ports/index.js";
import { checkAgreement, tasksOfSeveral } from "./check-agreement.js";
import { checkReference } from "./check-reference.js";
import { checkReferenceModel } from "./check-reference-model.js";
import { judgeAnnounced } from "./judge-announced.js";

/** The surroundings that the checks look at. Promises are shared by several checks; they may reject. */
export type DoctorSurroundings = {
  readonly hotkey: Promise<{ readonly address: string }>;
  readonly sight: Promise<ChainSight>;
  readonly nowMs: () => number;
  /** Looks at the database; null where it will be made at the first start. */
  inspectDatabase(signal: AbortSignal): Promise<DatabaseState | null>;
  /** Looks at a Redis. */
  inspectRedis(url: string): Promise<RedisState>;
  /** Made for one look, and closed after it. */
  openReference(): Reference;
  /** Made for one look, and closed after it. */
  openModel(settings: ReferenceSettings): ReferenceModel;
  canCheck(task: Task): boolean;
};

/** A large model file is hashed and read whole. */
const LOAD_MS = 600_000;

/** Starting an embedded database after a crash, and loading models on a busy machine, take their time. */
const SLOW_MS = 60_000;

/** Everything that `vision-validator doctor` looks at, in the order of its lines. */
export function createChecks(config: ValidatorConfig, surroundings: DoctorSurroundings): readonly DoctorCheck[] {
  const { hotkey, sight, nowMs } = surroundings;
  const place = chainPlace(config);
  const urls = [
    ...place.endpoints,
    ...(place.network === undefined ? [] : networks[place.network]),
    ...[config.database.url ?? [], config.redis.url ?? []].flat(),
  ];
  return [
    checkWallet(hotkey),
    checkNames(urls),
    ...checkChain({ sight, hotkey, nowMs, registerCommand: "vision-miner register, on the machine with the coldkey" }),
    { name: "stake", run: () => judgeNeuron({ sight, hotkey }, ({ seen, neuron }) => judgeStake(neuron, seen.hyperparameters)) },
    { name: "permit", run: () => judgeNeuron({ sight, hotkey }, ({ seen, neuron }) => judgePermit(neuron, seen.hyperparameters)) },
    {
      name: "commit-reveal",
      run: () => judgePart({ name: "chain", part: sight }, ({ hyperparameters }) => judgeCommitReveal(hyperparameters)),
    },
    ...[config.gateway.announce ?? []].flat().map(
      (configured): DoctorCheck => ({
        name: "published API",
        run: () => judgeNeuron({ sight, hotkey }, ({ neuron }) => judgeAnnounced({ published: neuron.gatewayEndpoint, configured })),
      }),
    ),
    ...(config.gateway.isEnabled ? checkGateway(config) : []),
    ...(config.metrics.isEnabled
      ? [checkListener({ ...config.metrics, name: "metrics port", section: "metrics", identify: identifyBy("/metrics", config.metrics) })]
      : []),
    {
      name: "database",
      timeLimitMs: SLOW_MS,
      async run(signal) {
        const seen = await surroundings.inspectDatabase(signal);
        return seen === null ? ok("will be made at the first start") : judgeDatabase(seen);
      },
    },
    ...[config.redis.url ?? []]
      .flat()
      .map((url): DoctorCheck => ({ name: "redis", run: () => checkRedis(surroundings.inspectRedis(url)) })),
    { name: "free space", run: () => checkFreeSpace(config.database.dataDir) },
    {
      name: "reference",
      timeLimitMs: SLOW_MS,
      async run(signal) {
        const reference = surroundings.openReference();
        try {
          return await checkReference(reference, signal);
        } finally {
          await reference.close();
        }
      },
    },
    ...(config.checks.isOwn ? config.references : []).map(
      (settings): DoctorCheck => ({
        name: `reference ${settings.tasks.join(", ")}`,
        timeLimitMs: LOAD_MS,
        async run(signal) {
          const model = surroundings.openModel(settings);
          try {
            return await checkReferenceModel(model, { tasks: settings.tasks.flatMap((id) => config.registry.get(id) ?? []), signal });
          } finally {
            await model.close();
          }
        },
      }),
    ),
    ...(config.checks.isOwn ? tasksOfSeveral(config) : []).map(
      (named): DoctorCheck => ({
        name: `references of ${named.task.id}`,
        timeLimitMs: LOAD_MS,
        run: (signal) => checkAgreement(named, { openModel: surroundings.openModel, signal }),
      }),
    ),
    {
      name: "tasks",
      async run() {
        const tasks = enabledTasks(config.registry);
        const unchecked = tasks.filter((task) => !surroundings.canCheck(task)).map(({ id }) => id);
        if (unchecked.length === 0) return ok(`${tasks.length} switched on, all can be checked`);
        return fail(
          `no reference can check ${unchecked.join(", ")}: they would pay nobody`,
          "Name a model for them in references, or switch them off: vision-validator tasks disable ID.",
        );
      },
    },
  ];
}

/** The API's port, here and as others see it. */
function checkGateway({ gateway, doctor }: ValidatorConfig): readonly DoctorCheck[] {
  const { host, port, announce } = gateway;
  const listener = tellEnd(
    checkListener({ ...{ host, port }, name: "gateway port", section: "gateway", identify: identifyBy("/healthz", gateway) }),
  );
  const outside = checkOutside({
    ...{ peer: doctor.peer, listen: { host, port }, lookedForAt: Promise.resolve(announce ?? { host: null, port }) },
    ...{ portIsLeft: listener.ended, speaksTls: false, announce: "gateway.announce" },
  });
  const isForThisMachine = announce === undefined && (host.startsWith("127.") || host === "::1" || host === "localhost");
  const local = async () => ok(`the API listens at ${host} alone: it is reached through what stands before it`);
  return [listener.check, isForThisMachine ? { ...outside, run: local } : outside];
}

async function checkFreeSpace(folder: string): Promise<Finding> {
  let existing = folder;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  const { bavail, bsize } = await statfs(existing);
  return judgeFreeSpace(bavail * bsize, existing);
}

/** A validator that runs already is known by what it serves. */
function identifyBy(path: string, { host, port }: { readonly host: string; readonly port: number }) {
  const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  const url = `http://${hostAndPort({ host: reachable, port })}${path}`;
  return async (signal: AbortSignal): Promise<Finding | null> => {
    const response = await fetch(url, { signal: anySignal([signal, AbortSignal.timeout(IDENTIFY_MS)]), redirect: "error" }).catch(
      () => null,
    );
    if (response === null) return null;
    const text = (await response.text().catch(() => "")).slice(0, 1e6);
    const isValidator = path === "/metrics" ? text.includes("vision_current_period") : [200, 503].includes(response.status) && text === "";
    return isValidator ? ok(`a validator listens at port ${port} already`) : null;
  };
}

async function checkRedis(looking: Promise<RedisState>): Promise<Finding> {
  try {
    return judgeRedis(await looking);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail(
      `cannot be used: ${reason}`,
      "Check redis.url, that the server runs, and its password; the validator goes on with a share.",
    );
  }
}

const IDENTIFY_MS = 5_000;
