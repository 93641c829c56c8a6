import { z } from "zod";
import { redactFacts } from "../redact.js";
import { mapSettings } from "./map-settings.js";
import type { SettingProgram } from "./setting-program.js";

/** Settings as they are in force, for printing: JSON, without secrets and without credentials in URLs. */
export function describeSettings({ shape }: SettingProgram, settings: object): string {
  const hidden = mapSettings(z.object(shape), settings, {
    isMeant: ({ isSecret }) => isSecret === true,
    change: (value) => (value === undefined ? undefined : "(hidden)"),
  });
  return JSON.stringify(redactFacts(hidden), null, 2);
}
