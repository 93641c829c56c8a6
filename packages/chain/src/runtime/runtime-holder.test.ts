import { describe, expect, it } from "@jest/globals";
import { createDevnet } from "@vision/devnet";
import { openWebSocket } from "../rpc/socket.js";
import { createRuntimeHolder } from "./runtime-holder.js";

describe("createRuntimeHolder", () => {
  it("loads a runtime once, and again only when its version changes", async () => {
    const devnet = await createDevnet({ production: "manual" });
    const socket = await openWebSocket(devnet.url, { timeoutMs: 2000, requestTimeoutMs: 5000 });
    const messages: string[] = [];
    let resets = 0;
    const logger = { debug: () => undefined, warn: () => undefined, info: (message: string) => messages.push(message) };
    const holder = createRuntimeHolder({ logger, onReset: () => (resets += 1) });
    let upgrade = 0;
    const ask = async (method: string, params: readonly unknown[]) => {
      const result = await socket.send(method, params);
      if (method !== "state_getRuntimeVersion" || typeof result !== "object" || result === null) return result;
      return { ...result, specVersion: Number((result as Record<string, unknown>)["specVersion"]) + upgrade };
    };
    try {
      await holder.greet({ ...socket, send: ask });
      const first = holder.current();
      expect(await holder.refresh(ask)).toBe(false);
      upgrade = 1;
      expect(await holder.refresh(ask)).toBe(true);
      expect(holder.current()?.version.specVersion).toBe((first?.version.specVersion ?? 0) + 1);
      expect(messages).toEqual(["Chain runtime loaded", "Chain runtime changed"]);
      expect(resets).toBe(0);
    } finally {
      socket.close();
      await devnet.close();
    }
  });
});
