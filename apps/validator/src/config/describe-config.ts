import { redactFacts } from "@vision/program";
import type { ValidatorConfig } from "./schema.js";

/** The configuration as it is in force, for printing: plain JSON, without keys and without credentials in URLs. */
export function describeConfig(config: ValidatorConfig): unknown {
  return redactFacts({ ...config, hotkey: { ...config.hotkey, ...(config.hotkey.uri === undefined ? {} : { uri: "(hidden)" }) } });
}
