import { describeFormerName, type SettingSources, sourcesOfCommand } from "@vision/program";
import type { Command } from "commander";

/** What a command works with, instead of the process. */
export type CommandContext = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder that relative paths of flags and of the environment count from. */
  readonly workingDirectory: string;
  /** Results. */
  readonly writeOut: (text: string) => void;
  /** Everything else. */
  readonly writeError: (text: string) => void;
  /** Asks the person at the terminal for something that must not be seen; null or left out where nobody sits there. */
  readonly askSecret?: ((question: string) => Promise<string>) | null;
  /** Aborted when the program is told to stop. */
  readonly signal: AbortSignal;
  /** Calls the listener when the operator asks to read files again. */
  readonly onReread?: (listener: () => void) => void;
};

/** Sections of the settings that say where the database is. */
export const databaseSections = ["database"] as const;

/** Sections of the settings that say which chain and which hotkey. */
export const voteSections = ["network", "netuid", "chain", "wallet", "hotkey"] as const;

/** Where the settings of a parsed command come from. Former names are told to the operator. */
export function configSources(command: Command, { environment, workingDirectory, writeError }: CommandContext): SettingSources {
  return sourcesOfCommand(command, {
    environment,
    workingDirectory,
    warn: (use) => writeError(`Warning: ${describeFormerName(use)}\n`),
  });
}
