import {
  type CheckedSettings,
  checkChainPlace,
  checkHotkeySource,
  findMissingFile,
  isSamePlace,
  type SettingProblem,
} from "@vision/program";
import { findPoolMistakes } from "@vision/sdk";
import { isAddress, isForDevelopment, isPublicAddress } from "./address-checks.js";
import type { MinerConfig } from "./miner-config.js";

type Checked = CheckedSettings<MinerConfig>;
type Seen = Checked["seen"];

/** Mistakes between settings that are right one by one, and between them and the files that they name. */
export async function checkMinerSettings(settings: Checked): Promise<readonly SettingProblem[]> {
  const { seen } = settings;
  return [
    ...(await checkHotkeySource(settings)),
    ...checkWhoIsServed(settings),
    ...checkListeners(seen),
    ...checkAnnounced(seen),
    ...checkBackendNames(settings),
    ...findPoolMistakes(seen),
    ...(await findMissingFiles(seen.backends)),
  ];
}

/** A chain, and its subnet, are both given or none is; without one there is nothing to publish to. */
function checkWhoIsServed(settings: Checked): readonly SettingProblem[] {
  const { isGiven } = settings;
  const isOnChain = ["network", "netuid"].some((name) => isGiven(name)) || ["endpoints", "announce"].some((name) => isGiven("chain", name));
  if (!isOnChain) return [];
  return [
    ...checkChainPlace(settings),
    ...(isGiven("netuid") ? [] : [{ path: ["netuid"], message: "is missing", isMissing: true }]),
    ...(isGiven("validators")
      ? [{ path: ["validators"], message: "cannot be given together with netuid, whose validators are served; remove one of them" }]
      : []),
  ];
}

/** Two listeners in one place. */
function checkListeners({ listen = {}, metrics = {} }: Seen): readonly SettingProblem[] {
  if (metrics.isEnabled !== true || !isSamePlace(listen, metrics)) return [];
  return [{ path: ["metrics", "port"], message: "is listen.port too; give each its own" }];
}

/** An address that no validator could ever reach is told here: once it is published, the miner just stays without requests. */
export function checkAnnounced({ network, chain = {} }: Pick<Seen, "network" | "chain">): readonly SettingProblem[] {
  const host = chain.announce?.host;
  if (host === undefined) return [];
  const path = ["chain", "announce", "host"];
  if (!isAddress(host)) return [{ path, message: "must be an IP address; the chain holds no names" }];
  if (isPublicAddress(host) || isForDevelopment({ network, chain })) return [];
  return [{ path, message: "is no address of the public internet, so no validator can reach it; give the one that others see you under" }];
}

function checkBackendNames({ seen: { tasks = {}, backends = {} } }: Checked): readonly SettingProblem[] {
  const names = Object.keys(backends);
  return Object.entries(tasks).flatMap(([id, task]) => {
    const path = ["tasks", id, "backend"];
    const choices = `choose from ${names.join(", ")}`;
    if (task?.backend === undefined) return names.length > 1 ? [{ path, message: `is missing; ${choices}` }] : [];
    return names.includes(task.backend) ? [] : [{ path, message: `names no backend "${task.backend}"; ${choices}` }];
  });
}

async function findMissingFiles(backends: Seen["backends"] = {}): Promise<readonly SettingProblem[]> {
  const found = await Promise.all(
    Object.entries(backends).flatMap(([name, backend]) =>
      filesOf(["backends", name], backend).map(({ path, file }) => findMissingFile(path, file)),
    ),
  );
  return found.flat();
}

type SeenBackend = NonNullable<Seen["backends"]>[string];

function filesOf(path: readonly string[], backend: SeenBackend): readonly { readonly path: readonly string[]; readonly file: string }[] {
  if (backend?.kind === "llama-cpp") {
    return backend.modelPath === undefined ? [] : [{ path: [...path, "modelPath"], file: backend.modelPath }];
  }
  if (backend?.kind === "pooled") {
    const members = backend.members ?? [];
    return members.flatMap((member, index) => filesOf([...path, "members", `${index}`, "backend"], member?.backend));
  }
  if (backend?.kind !== "module") return [];
  const own = backend.path === undefined ? [] : [{ path: [...path, "path"], file: backend.path }];
  return [...own, ...filesOf([...path, "inner"], backend.inner)];
}
