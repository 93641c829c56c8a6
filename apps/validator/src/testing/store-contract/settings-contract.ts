import { describe, expect, it } from "@jest/globals";
import type { Store } from "../../ports/index.js";

/** Settings at starts. Part of the store's contract. */
export function describeSettingsLog(store: () => Store): void {
  describe("settings at starts", () => {
    const start = (settings: Readonly<Record<string, unknown>>, nowMs: number) =>
      store().noteSettings({ settings, version: "1.0.0", nowMs });

    it("finds nothing at the first start, and nothing at one with the same settings", async () => {
      expect(await start({ gateway: { port: 8080 } }, 5)).toEqual([]);
      expect(await start({ gateway: { port: 8080 } }, 6)).toEqual([]);
      expect(await store().getSettingsChanges(10)).toEqual([]);
    });

    it("keeps what each start found changed, newest first", async () => {
      await start({ gateway: { port: 8080, host: "a" }, list: [1] }, 5);
      const first = await start({ gateway: { port: 9000, host: "b" }, list: [1] }, 6);
      expect(first).toEqual([
        { atMs: 6, version: "1.0.0", setting: "gateway.host", before: "a", after: "b" },
        { atMs: 6, version: "1.0.0", setting: "gateway.port", before: 8080, after: 9000 },
      ]);
      const second = await start({ gateway: { port: 9000 }, list: [1, 2], text: "nul \0" }, 7);
      expect(second.map(({ setting, before, after }) => [setting, before, after])).toEqual([
        ["gateway.host", "b", null],
        ["list", [1], [1, 2]],
        ["text", null, expect.stringMatching(/^nul /)],
      ]);
      expect(await store().getSettingsChanges(10)).toEqual([...first, ...second].toReversed());
      expect(await store().getSettingsChanges(1)).toEqual([second.at(-1)]);
    });

    it("is one log for two starts at once", async () => {
      await start({ port: 0 }, 1);
      await Promise.all([start({ port: 1 }, 2), start({ port: 2 }, 3)]);
      const [last, first] = await store().getSettingsChanges(10);
      expect(first?.before).toBe(0);
      expect(last?.before).toBe(first?.after);
    });
  });
}
