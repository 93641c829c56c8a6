import { describe, expect, it } from "@jest/globals";
import { createManualClock } from "../testing/manual-clock.js";
import { createMemoryStore } from "../testing/memory-store.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { noteSettings } from "./note-settings.js";

describe("noteSettings", () => {
  it("says which settings changed since the last start, and none of their values", async () => {
    const [store, clock, logger] = [createMemoryStore(), createManualClock(), recordingLogger()];
    await noteSettings({ settings: { gateway: { port: 8080 } }, version: "1" }, { store, clock, logger });
    expect(logger.lines).toEqual([]);
    await noteSettings({ settings: { gateway: { port: 9000 } }, version: "1" }, { store, clock, logger });
    expect(JSON.stringify(logger.lines)).toContain("gateway.port");
    expect(JSON.stringify(logger.lines)).not.toContain("9000");
    expect(await store.getSettingsChanges(9)).toMatchObject([{ setting: "gateway.port", before: 8080, after: 9000 }]);
  });

  it("keeps nobody from starting while the database is away", async () => {
    const [store, clock, logger] = [createMemoryStore(), createManualClock(), recordingLogger()];
    store.setUnreachable(true);
    await noteSettings({ settings: {}, version: "1" }, { store, clock, logger });
    expect(JSON.stringify(logger.lines)).toContain("could not be compared");
  });
});
