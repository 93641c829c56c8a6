import { describe, expect, it } from "@jest/globals";
import { createRegistry, PROTOCOL_VERSION, parseCapacities } from "@vision/protocol";
import { defaultProbingParams } from "../domain/probing-params.js";
import { createManualClock } from "../testing/manual-clock.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { type AskCapacities, surveyCapacities } from "./capacity-survey.js";

const registry = createRegistry();
const targets = ["alice", "bob", "carol", "dave"].map((hotkey) => ({ hotkey, host: "127.0.0.1", port: 1 }));

async function survey(ask: AskCapacities, concurrency = 64) {
  const clock = createManualClock();
  const running = surveyCapacities(
    {
      targets,
      registry,
      params: { ...defaultProbingParams, capacityConcurrency: concurrency, capacityTimeoutMs: 5_000 },
      previousCapacity: (hotkey, taskId) => (hotkey === "bob" && taskId === "chat-tiny" ? 77 : 0),
      signal: new AbortController().signal,
    },
    { ask, clock, logger: recordingLogger() },
  );
  await clock.advance(30_000);
  const capacities = await running;
  return { capacities: capacities.map(({ hotkey, taskId, capacityPerHour }) => [hotkey, taskId, capacityPerHour]), clock };
}

const answer = (tasks: Parameters<typeof parseCapacities>[1], capacities: Readonly<Record<string, unknown>>) =>
  ({ ok: true, protocolVersion: PROTOCOL_VERSION, capacities: parseCapacities({ capacities }, tasks) }) as const;

describe("surveyCapacities", () => {
  it("W-04: whatever one miner does, the others are heard", async () => {
    const { capacities } = await survey(async ({ hotkey }, { tasks }) => {
      if (hotkey === "alice") return new Promise(() => undefined);
      if (hotkey === "carol") return { ok: false, blame: "miner", reason: "not a capacity answer", status: 200 };
      if (hotkey === "dave") return answer(tasks, { "chat-tiny": 100, "completion-tiny": Number.NaN, "image-tiny": "9" });
      return answer(tasks, { "chat-tiny": 5, "not-a-task": 9, "image-tiny": 1e300 });
    });
    expect(capacities).toEqual([
      ["bob", "chat-tiny", 5],
      ["bob", "image-tiny", 1_000_000],
      ["dave", "chat-tiny", 100],
    ]);
  });

  it("keeps what a miner declared last when the failure was ours", async () => {
    const ours = await survey(async ({ hotkey }, { tasks }) => {
      if (hotkey === "bob") throw new Error("no sockets left");
      return answer(tasks, {});
    });
    expect(ours.capacities).toEqual([["bob", "chat-tiny", 77]]);
    const theirs = await survey(async ({ hotkey }, { tasks }) => {
      if (hotkey === "bob") return { ok: false, blame: "miner", reason: "connection failed", status: null };
      return answer(tasks, {});
    });
    expect(theirs.capacities).toEqual([]);
  });

  it("asks only so many at a time", async () => {
    let open = 0;
    let most = 0;
    await survey(async (_target, { tasks }) => {
      open += 1;
      most = Math.max(most, open);
      await Promise.resolve();
      open -= 1;
      return answer(tasks, {});
    }, 2);
    expect(most).toBe(2);
  });

  it("leaves no timer behind", async () => {
    const { clock } = await survey(async (_target, { tasks }) => answer(tasks, { "chat-tiny": 1 }));
    expect(clock.sleepers()).toBe(0);
  });
});
