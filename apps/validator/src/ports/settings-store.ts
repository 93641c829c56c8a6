import type { SettingsChange } from "../domain/records/index.js";
import type { ShownSettings } from "../domain/settings-changes.js";

/** What the validator was set to at its starts. */
export type SettingsStore = {
  /**
   * Records what the settings are at a start, secrets hidden.
   *
   * @returns What is not as at the start before; nothing at the first one.
   */
  noteSettings(start: {
    readonly settings: ShownSettings;
    readonly version: string;
    readonly nowMs: number;
  }): Promise<readonly SettingsChange[]>;
  /** The newest changes, newest first. */
  getSettingsChanges(limit: number): Promise<readonly SettingsChange[]>;
};
