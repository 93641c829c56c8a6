import { type ExitCode, exitCodes, type SettingSources } from "@vision/program";
import { explainMiner } from "@vision/scoring";
import { loadDatabaseConfig } from "../config/index.js";
import type { CommandContext } from "./command-context.js";
import { withStore } from "./with-store.js";

/** `vision-validator explain <hotkey>`: why a miner got its weight, in plain words. */
export async function explain(sources: SettingSources, options: { readonly hotkey: string }, context: CommandContext): Promise<ExitCode> {
  const database = await loadDatabaseConfig(sources);
  const epoch = await withStore(database, context.signal, (store) => store.getLatestEpoch());
  if (epoch === null) {
    context.writeError("Nothing has been scored yet: the first scores come at the end of the first period.\n");
    return exitCodes.nothing;
  }
  context.writeOut(`${explainMiner(epoch.report, options.hotkey)}\n`);
  return epoch.report.miners.some((miner) => miner.hotkey === options.hotkey) ? exitCodes.ok : exitCodes.nothing;
}
