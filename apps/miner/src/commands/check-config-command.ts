import { redact } from "@vision/program";
import { describeChainPlace } from "../chain/chain-place.js";
import type { MinerConfig } from "../config/miner-config.js";

/** What `vision-miner check-config` prints for a configuration without mistakes: the settings in force, without secrets. */
export function describeConfig(config: MinerConfig): string {
  const lines = [
    "The configuration is fine.",
    `  hotkey      ${describeHotkey(config.hotkey)}`,
    `  listen      ${config.listen.host}:${config.listen.port}`,
    `  validators  ${describeValidators(config)}`,
    ...Object.entries(config.backends).map(([name, backend]) => `  backend     ${name}: ${describeBackend(backend)}`),
    ...Object.entries(config.tasks).map(([id, task]) => `  task        ${id}: ${task.capacityPerHour} work units an hour`),
  ];
  return `${lines.join("\n")}\n`;
}

/**
 * What may well be a mistake in a configuration without any, a line each.
 *
 * @param knownIds - Ids of the tasks that this version knows.
 */
export function findConfigWarnings({ tasks, taskDefinitions }: MinerConfig, knownIds: readonly string[]): readonly string[] {
  const known = [...new Set([...knownIds, ...taskDefinitions.map(({ id }) => id)])];
  return Object.keys(tasks)
    .filter((id) => !known.includes(id))
    .map(
      (id) => `tasks.${id}: this version knows no such task; it knows ${known.join(", ")}. Correct the name, or add it to taskDefinitions`,
    );
}

function describeHotkey({ mnemonicFile, seedFile, wallet, walletHotkey, walletsPath, uri }: MinerConfig["hotkey"]): string {
  if (mnemonicFile !== undefined) return `mnemonic in ${mnemonicFile}`;
  if (seedFile !== undefined) return `seed in ${seedFile}`;
  if (wallet === undefined) return `development key ${uri ?? ""}`;
  return `${walletHotkey ?? "default"} of wallet ${wallet}${walletsPath === undefined ? "" : ` in ${walletsPath}`}`;
}

function describeValidators({ chain, validators }: MinerConfig): string {
  if (chain === undefined) return validators === undefined ? "everybody who signs" : validators.allow.join(", ");
  const permit = chain.requirePermit ? "with a permit" : "with or without a permit";
  return `those of subnet ${chain.netuid} at ${describeChainPlace(chain)}, ${permit} and at least ${chain.minStakeRao} RAO of stake`;
}

function describeBackend(backend: MinerConfig["backends"][string]): string {
  switch (backend.kind) {
    case "tiny":
      return `embedded models${backend.model === undefined ? "" : `, ${backend.model} in place of the task's`}`;
    case "openai-compatible":
      return `model server at ${redact(backend.baseUrl)}`;
    case "llama-cpp":
      return `llama.cpp with ${backend.modelPath}`;
    case "module":
      return `module ${backend.path}${backend.inner === undefined ? "" : ` around ${describeBackend(backend.inner)}`}`;
  }
}
