import { describe, expect, it } from "@jest/globals";
import { createDevnet } from "@vision/devnet";
import { openTestSocket } from "../../test/open-test-socket.js";
import { createRuntimeHolder } from "./runtime-holder.js";

describe("createRuntimeHolder", () => {
  it("loads a runtime once, and again only when its version changes", async () => {
    const devnet = await createDevnet({ production: "manual" });
    const socket = await openTestSocket(devnet.url);
    const messages: string[] = [];
    const logger = { debug: () => undefined, warn: () => undefined, info: (message: string) => messages.push(message) };
    const holder = createRuntimeHolder({ logger });
    let upgrade = 0;
    const ask = async (method: string, params: readonly unknown[]) => {
      const result = await socket.send(method, params);
      if (method !== "state_getRuntimeVersion" || typeof result !== "object" || result === null) return result;
      return { ...result, specVersion: Number((result as Record<string, unknown>)["specVersion"]) + upgrade };
    };
    try {
      const [first, second] = await Promise.all([holder.refresh(ask), holder.refresh(ask)]);
      expect(second).toBe(first);
      upgrade = 1;
      const next = await holder.refresh(ask);
      expect(holder.current()).toBe(next);
      expect(next.version.specVersion).toBe(first.version.specVersion + 1);
      expect(messages).toEqual(["Chain runtime loaded", "Chain runtime changed"]);
    } finally {
      socket.close();
      await devnet.close();
    }
  });
});
