import { describe, expect, it } from "@jest/globals";
import { createRegistry } from "@vision/protocol";
import { emptyRoutingRecord, readyAtMs } from "../domain/routing-record.js";
import { createFollowingRouting } from "./following-routing.js";

const candidate = (hotkey: string) => ({
  target: { hotkey, host: "127.0.0.1", port: 1 },
  taskId: "chat-tiny",
  capacityPerHour: 100,
  sampler: "unknown" as const,
  record: emptyRoutingRecord,
});
const snapshot = {
  registry: createRegistry(),
  period: 3,
  candidates: new Map([["chat-tiny", [candidate("alice"), candidate("bob")]]]),
  firstTokenBudgetMs: new Map([["chat-tiny", 80]]),
};
const full = { outcome: "rateLimited", blame: "miner", firstTokenMs: null, durationMs: 1, retryAfterMs: 5_000, silentMs: null } as const;

describe("createFollowingRouting", () => {
  it("routes by what its own requests found out until the core tells more", () => {
    const routing = createFollowingRouting(snapshot);
    routing.note({ hotkey: "alice", taskId: "chat-tiny" }, full, 1_000);
    routing.note({ hotkey: "nobody", taskId: "image-tiny" }, full, 1_000);
    expect(routing.candidates("chat-tiny").map(({ record }) => readyAtMs(record))).toEqual([6_000, 0]);
    routing.follow({ ...snapshot, period: 4 });
    expect(routing.candidates("chat-tiny").map(({ record }) => readyAtMs(record))).toEqual([0, 0]);
    expect(routing.currentPeriod()).toBe(4);
    expect([routing.firstTokenBudgetMs("chat-tiny"), routing.firstTokenBudgetMs("image-tiny")]).toEqual([80, null]);
  });
});
