import { findMissingPackages } from "@vision/checking";
import type { ReferenceSettings } from "../config/index.js";
import type { CommandContext } from "./command-context.js";

/** Whether optional packages that the references need are not installed; says which. */
export function refuseMissingPackages(references: readonly ReferenceSettings[], { writeError }: CommandContext): boolean {
  const missing = findMissingPackages(references);
  for (const name of missing) {
    writeError(`The package ${name} is not installed, so references of kind gguf do not work: npm install ${name}\n`);
  }
  return missing.length > 0;
}
