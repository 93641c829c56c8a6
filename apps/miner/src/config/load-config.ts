import { checkChainPlace, checkHotkeySource, type LoadedSettings, loadSettings, netuidSetting, type SettingSources } from "@vision/program";
import { checkAnnounced, checkMinerSettings } from "./check-settings.js";
import { type MinerChainConfig, type MinerConfig, minerProgram } from "./miner-config.js";

/** Loads the miner's configuration. @throws VisionError `CONFIG_INVALID` with every problem at once. */
export async function loadConfig(sources: SettingSources): Promise<LoadedSettings<MinerConfig>> {
  return loadSettings(minerProgram, minerProgram.shape, { sources, check: checkMinerSettings });
}

/** Loads where a running miner's control socket is; undefined where the settings have none. @throws VisionError `CONFIG_INVALID`. */
export async function loadControlConfig(sources: SettingSources): Promise<MinerConfig["control"]> {
  const { control } = minerProgram.shape;
  return (await loadSettings(minerProgram, { control }, { sources })).settings.control;
}

/** Sections of the settings that {@link loadChainCommandConfig} reads. */
export const chainCommandSections = ["network", "netuid", "chain", "wallet", "hotkey", "listen"] as const;

/** As much of the configuration as `register` and `status` need: whose place on which subnet. */
export type ChainCommandConfig = MinerChainConfig & Pick<MinerConfig, "wallet" | "hotkey" | "listen">;

/** Loads what {@link ChainCommandConfig} has; the rest is not looked at. @throws VisionError `CONFIG_INVALID`. */
export async function loadChainCommandConfig(sources: SettingSources): Promise<ChainCommandConfig> {
  const { network, chain, wallet, hotkey, listen } = minerProgram.shape;
  const part = { network, netuid: netuidSetting, chain, wallet, hotkey, listen };
  const { settings } = await loadSettings(minerProgram, part, {
    sources,
    check: async (checked) => [...checkChainPlace(checked), ...(await checkHotkeySource(checked)), ...checkAnnounced(checked.seen)],
  });
  return settings;
}
