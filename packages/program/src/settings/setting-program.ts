import type { z } from "zod";
import { listSettings, type SettingDefinition, variablePrefix } from "./list-settings.js";

/** A program as its settings see it. */
export type SettingProgram<Shape extends z.ZodRawShape = z.ZodRawShape> = {
  /** As in its variables: `miner` for `VISION_MINER_...`. */
  readonly name: string;
  readonly shape: Shape;
  readonly definitions: readonly SettingDefinition[];
  /** Names the config file where no flag does. */
  readonly configVariable: string;
};

/**
 * A program's settings, from the shape of its config file.
 *
 * @throws TypeError for a setting without words.
 */
export function defineProgram<Shape extends z.ZodRawShape>(name: string, shape: Shape): SettingProgram<Shape> {
  return { name, shape, definitions: listSettings(name, shape), configVariable: `${variablePrefix(name)}CONFIG` };
}
