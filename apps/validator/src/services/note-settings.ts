import type { ShownSettings } from "../domain/settings-changes.js";
import type { Clock, Logger, SettingsStore } from "../ports/index.js";

/** Records the settings of this start and says which are not as at the last one. A store that cannot be asked keeps nobody from starting. */
export async function noteSettings(
  start: { readonly settings: ShownSettings; readonly version: string },
  {
    store,
    clock,
    logger,
  }: {
    readonly store: Pick<SettingsStore, "noteSettings">;
    readonly clock: Pick<Clock, "nowMs">;
    readonly logger: Pick<Logger, "info" | "warn">;
  },
): Promise<void> {
  try {
    const changes = await store.noteSettings({ ...start, nowMs: clock.nowMs() });
    if (changes.length > 0) logger.info("Settings are not as at the last start", { settings: changes.map(({ setting }) => setting) });
  } catch (error) {
    logger.warn("The settings could not be compared with those of the last start", { error });
  }
}
