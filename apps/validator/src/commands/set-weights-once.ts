import { type ExitCode, exitCodes, type SettingSources } from "@vision/program";
import { loadConfig } from "../config/index.js";
import { createValidator } from "../create-validator.js";
import type { CommandContext } from "./command-context.js";

/** `vision-validator set-weights-once`: scores what is stored and sets the weights now, unless this epoch's were set already. */
export async function setWeightsOnce(sources: SettingSources, context: CommandContext): Promise<ExitCode> {
  const config = await loadConfig(sources);
  const validator = await createValidator({ config, signal: context.signal, environment: context.environment });
  try {
    const step = await validator.core.weightSetter.step({ isForced: true }, context.signal);
    switch (step.kind) {
      case "set":
        context.writeOut(`Weights set in block ${step.blockNumber}.\n`);
        return exitCodes.ok;
      case "skipped":
        context.writeError(`No weights were set: ${step.reason}.\n`);
        return exitCodes.nothing;
      case "waiting":
        context.writeError(`No weights were set: they are due at block ${step.untilBlock}.\n`);
        return exitCodes.nothing;
      case "failed":
        throw step.error;
    }
  } finally {
    await validator.close();
  }
}
