import { describeSettings, type LoadedSettings, loadHotkey, type Terminal } from "@vision/program";
import { defaultTasks } from "@vision/sdk";
import type { InferenceBackend } from "@vision/sdk/backends";
import { backendOf, definitionOf, isPooled, openBackends } from "../backends/open-backends.js";
import { leavesOf } from "../config/backend-config.js";
import { type MinerConfig, minerProgram } from "../config/miner-config.js";

/** How long a model server may take to list its models, milliseconds. */
const HEALTH_TIMEOUT_MS = 5_000;

type Surroundings = { readonly terminal: Terminal; readonly environment: Readonly<Record<string, string | undefined>> };

/**
 * `vision-miner check-config`, for a configuration without mistakes: prints what is in force as JSON, without secrets, and warns of what may
 * well be a mistake. Reads the hotkey, makes the backends and asks model servers for their models.
 *
 * @throws VisionError `SIGNING_INVALID_KEY` or `WALLET_*` for a hotkey that cannot be opened, `CONFIG_INVALID` for backends that cannot be
 * made and tasks that they cannot serve.
 */
export async function checkConfigCommand(
  { settings, folder }: LoadedSettings<MinerConfig>,
  { terminal, environment }: Surroundings,
): Promise<void> {
  const backends = await openBackends(settings, folder);
  const { address } = await loadHotkey(settings, { environment });
  terminal.print(describeSettings(minerProgram, settings));
  terminal.note(`The configuration is good. The miner's hotkey is ${address}.`);
  const warnings = [
    ...findUnknownTasks(settings),
    ...findUnseededTasks(settings),
    ...findUnpooledTasks(settings),
    ...(await findAwayBackends(settings, backends)),
  ];
  for (const warning of warnings) terminal.note(`Warning: ${warning}`);
  await Promise.all([...backends.values()].map((backend) => backend.close?.()));
}

function findUnknownTasks({ tasks, taskDefinitions }: MinerConfig): readonly string[] {
  const known = [...new Set([...defaultTasks, ...taskDefinitions].map(({ id }) => id))];
  return Object.keys(tasks)
    .filter((id) => !known.includes(id))
    .map(
      (id) => `tasks.${id}: this version knows no such task; it knows ${known.join(", ")}. Correct the name, or add it to taskDefinitions`,
    );
}

/** Answers that validators make again to the last token or pixel, before a server of which nobody knows that it can do so. */
function findUnseededTasks(config: MinerConfig): readonly string[] {
  const kinds = new Map(Object.entries(config.backends).map(([name, backend]) => [name, leavesOf(backend).map(({ kind }) => kind)]));
  return Object.entries(config.tasks).flatMap(([id, task]) => {
    const check = definitionOf(id, config)?.check;
    const isExact = check?.kind === "regenerate" || (check?.kind === "teacher-forcing" && !check.samplers.includes("unknown"));
    if (!isExact || task.sampler !== undefined || backendOf(task, kinds)?.includes("openai-compatible") !== true) return [];
    return [
      `tasks.${id}: validators make its answers again from the seed; a model server without the task's seeded sampler is judged wrong`,
    ];
  });
}

/** Tasks that one server answers, each declared as if it had the server for itself: together they are more than there is. */
function findUnpooledTasks(config: MinerConfig): readonly string[] {
  const pooled = new Set(Object.values(config.pools).flatMap(({ tasks }) => Object.keys(tasks)));
  const names = new Map(Object.keys(config.backends).map((name) => [name, name]));
  const servers = Object.entries(config.backends).filter(([, { kind }]) => kind !== "tiny");
  return servers.flatMap(([name]) => {
    const own = Object.entries(config.tasks).filter(([id, task]) => !pooled.has(id) && backendOf(task, names) === name);
    if (own.length < 2) return [];
    const ids = own.map(([id]) => id).join(" and ");
    return [
      `backends.${name}: ${ids} have it in common and are in no pool. If they run on one machine, put them into pools, or each capacityPerHour must be its part of it: declaring a machine twice is found out and not paid`,
    ];
  });
}

async function findAwayBackends(config: MinerConfig, backends: ReadonlyMap<string, InferenceBackend>): Promise<readonly string[]> {
  const servers = Object.entries(config.backends).filter(([, backend]) =>
    leavesOf(backend).some(({ kind }) => kind === "openai-compatible"),
  );
  const found = await Promise.all(
    servers.map(async ([name]) => {
      const models = Object.entries(config.tasks).flatMap(([id, task]) => {
        const model = task.model ?? definitionOf(id, config)?.model;
        return model === undefined || backendOf(task, backends) !== backends.get(name) ? [] : [model];
      });
      const signal = AbortSignal.timeout(HEALTH_TIMEOUT_MS);
      const backend = backends.get(name);
      const health = await backend?.checkHealth?.({ signal, models: [...new Set(models)] });
      const isWhole = backend === undefined || !isPooled(backend) || backend.getMembers().every(({ isUp }) => isUp);
      return health === undefined || (health.isHealthy && isWhole)
        ? []
        : [`backends.${name}: ${health.detail ?? "the model server is not well"}`];
    }),
  );
  return found.flat();
}
