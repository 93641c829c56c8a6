import {
  checkVersion,
  doctorCommand,
  type ExitCode,
  type LoadedSettings,
  loadHotkey,
  lookAtChain,
  programVersion,
  type Terminal,
} from "@vision/program";
import { openBackends } from "../backends/open-backends.js";
import { probeEndpoint } from "../chain/probe-endpoint.js";
import type { MinerConfig } from "../config/miner-config.js";
import { createChecks } from "../doctor/create-checks.js";

type Surroundings = { readonly terminal: Terminal; readonly environment: Readonly<Record<string, string | undefined>> };

/** `vision-miner doctor`: a line for everything that the miner needs, with what to do. Returns the exit code. */
export async function doctorOfMiner(
  { settings, folder }: LoadedSettings<MinerConfig>,
  { isJson }: { readonly isJson: boolean },
  { terminal, environment }: Surroundings,
): Promise<ExitCode> {
  const { signal } = new AbortController();
  const { netuid } = settings;
  const backends = openBackends(settings, folder);
  const checks = createChecks(settings, {
    hotkey: loadHotkey(settings, { environment }),
    sight: netuid === undefined ? null : lookAtChain({ ...settings, netuid }, { signal }),
    backends,
    probe: (endpoint) => probeEndpoint(endpoint),
    nowMs: Date.now,
  });
  const version = programVersion(import.meta.url);
  const { updates } = settings;
  const looks = updates.isLookedFor ? [checkVersion({ name: "@vision/miner-app", version }, updates)] : [];
  const exitCode = await doctorCommand([...checks, ...looks], { program: "vision-miner", version, isJson, signal, print: terminal.print });
  const opened = await backends.catch(() => new Map());
  await Promise.all([...opened.values()].map((backend) => backend.close?.()));
  return exitCode;
}
