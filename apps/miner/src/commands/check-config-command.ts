import { describeSettings, loadHotkey, type Terminal } from "@vision/program";
import { defaultTasks } from "@vision/sdk";
import { type MinerConfig, minerProgram } from "../config/miner-config.js";

/** What {@link checkConfigCommand} works with. */
type Surroundings = { readonly terminal: Terminal; readonly environment: Readonly<Record<string, string | undefined>> };

/**
 * `vision-miner check-config`, for a configuration without mistakes: prints what is in force as JSON, without secrets, and warns of what may
 * well be a mistake. Reads the hotkey.
 *
 * @throws VisionError `SIGNING_INVALID_KEY` or `WALLET_*` for a hotkey that cannot be opened.
 */
export async function checkConfigCommand(config: MinerConfig, { terminal, environment }: Surroundings): Promise<void> {
  const { address } = await loadHotkey(config, { environment });
  terminal.print(describeSettings(minerProgram, config));
  terminal.note(`The configuration is good. The miner's hotkey is ${address}.`);
  for (const warning of findConfigWarnings(config)) terminal.note(`Warning: ${warning}`);
}

/** What may well be a mistake in a configuration without any, a line each. */
export function findConfigWarnings({ tasks, taskDefinitions }: Pick<MinerConfig, "tasks" | "taskDefinitions">): readonly string[] {
  const known = [...new Set([...defaultTasks, ...taskDefinitions].map(({ id }) => id))];
  return Object.keys(tasks)
    .filter((id) => !known.includes(id))
    .map(
      (id) => `tasks.${id}: this version knows no such task; it knows ${known.join(", ")}. Correct the name, or add it to taskDefinitions`,
    );
}
