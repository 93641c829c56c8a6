import { describe, expect, it } from "@jest/globals";
import { createRegistry, PROTOCOL_VERSION, parseCapacities } from "@vision/protocol";
import { defaultProbingParams } from "@vision/scoring/probing";
import type { FailureStage } from "@vision/sdk/client";
import { createManualClock } from "../testing/manual-clock.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { type AskCapacities, type CapacitySurveyInput, surveyCapacities } from "./capacity-survey.js";
import { createDeclarations, type Declarations } from "./declarations.js";

const registry = createRegistry();
const targets = ["alice", "bob", "carol", "dave"].map((hotkey) => ({ hotkey, host: "127.0.0.1", port: 1 }));

/** Declarations of these miners at chat-tiny. */
function declared(hotkeys: readonly string[], capacityPerHour: number): Declarations {
  const declarations = createDeclarations(createManualClock(), defaultProbingParams.periodMs);
  for (const hotkey of hotkeys)
    declarations.heard(hotkey, new Map([["chat-tiny", { capacityPerHour, sampler: "gumbel-murmur3" as const }]]));
  return declarations;
}

type Changes = Partial<CapacitySurveyInput> & { readonly clock?: ReturnType<typeof createManualClock> };

async function survey(ask: AskCapacities, concurrency = 64, { clock = createManualClock(), ...changes }: Changes = {}) {
  const running = surveyCapacities(
    {
      targets,
      registry,
      params: { ...defaultProbingParams, capacityConcurrency: concurrency, capacityTimeoutMs: 5_000 },
      declarations: declared(["bob"], 77),
      signal: new AbortController().signal,
      ...changes,
    },
    { ask, clock, logger: recordingLogger() },
  );
  await clock.advance(30_000);
  const capacities = await running;
  return { capacities: capacities.map(({ hotkey, taskId, capacityPerHour }) => [hotkey, taskId, capacityPerHour]), clock };
}

const answer = (tasks: Parameters<typeof parseCapacities>[1], capacities: Readonly<Record<string, unknown>>) =>
  ({ ok: true, protocolVersion: PROTOCOL_VERSION, capacities: parseCapacities({ capacities }, tasks) }) as const;

const fail = (stage: FailureStage, status: number | null = null) =>
  ({ ok: false, stage, blame: "miner", reason: "reworded", status }) as const;

describe("surveyCapacities", () => {
  it("W-04: whatever one miner does, the others are heard", async () => {
    const { capacities } = await survey(async ({ hotkey }, { tasks }) => {
      if (hotkey === "alice") return new Promise(() => undefined);
      if (hotkey === "carol") return fail("content", 200);
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
      if (hotkey === "bob") return fail("connection");
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

  it("one that hangs delayed everybody: the survey closes on time, and who was asked too late keeps what it declared", async () => {
    const times: number[] = [];
    const clock = createManualClock();
    const ask: AskCapacities = async ({ hotkey }, { tasks }) => {
      if (hotkey === "alice") return new Promise(() => undefined);
      times.push(clock.nowMs());
      return answer(tasks, { "chat-tiny": 5 });
    };
    const closeAtMs = clock.nowMs() + 2_000;
    const alone = await survey(ask, 1, { closeAtMs });
    expect(alone.capacities).toEqual([["bob", "chat-tiny", 77]]);
    expect(times).toEqual([]);
    const together = await survey(ask, 2, { closeAtMs });
    expect(together.capacities.map(([hotkey]) => hotkey)).toEqual(["bob", "carol", "dave"]);
  });

  it("an offline validator lost all miners for a period: when most known ones are out of reach they keep what they declared", async () => {
    const all = ["a", "b", "c", "d", "e", "gone"].map((hotkey) => ({ hotkey, host: "127.0.0.1", port: 1 }));
    const declarations = () => declared(["a", "b", "c", "d", "e"], 9);
    const ask: AskCapacities = async ({ hotkey }) => (hotkey === "e" ? fail("status", 500) : fail("connection"));
    const { capacities } = await survey(ask, 64, { targets: all, declarations: declarations() });
    expect(capacities).toEqual(["a", "b", "c", "d"].map((hotkey) => [hotkey, "chat-tiny", 9]));
    const few = await survey(ask, 64, { targets: all.slice(1), declarations: declarations() });
    expect(few.capacities).toEqual([]);
    const known = await survey(ask, 64, { targets: all.slice(1), declarations: declarations(), isNetworkUp: () => false });
    expect(known.capacities).toHaveLength(3);
  });

  it("one late survey was weight 0: a standstill of the validator declared 0 for honest miners; they are asked again", async () => {
    const asked: string[] = [];
    let heardOf = 0;
    const ask: AskCapacities = async ({ hotkey }, { tasks }) => {
      const isFirst = !asked.includes(hotkey);
      asked.push(hotkey);
      // Nobody is heard while this process stands still; bob and carol stay silent afterwards.
      return isFirst || hotkey === "bob" || hotkey === "carol" ? new Promise(() => undefined) : answer(tasks, { "chat-tiny": 5 });
    };
    const { capacities } = await survey(ask, 64, { wasStarvedLately: () => ++heardOf <= targets.length });
    expect(asked).toEqual(["alice", "bob", "carol", "dave", "alice", "bob", "carol", "dave"]);
    expect(capacities).toEqual([
      ["alice", "chat-tiny", 5],
      ["dave", "chat-tiny", 5],
    ]);
  });

  it("a standstill until the survey's end declared 0 for everybody: miners keep what they declared, who does not answer without one is absent", async () => {
    const ask: AskCapacities = async () => new Promise(() => undefined);
    const closeAtMs = createManualClock().nowMs() + 2_000;
    const starved = await survey(ask, 64, { closeAtMs, wasStarvedLately: () => true });
    expect(starved.capacities).toEqual([["bob", "chat-tiny", 77]]);
    const awake = await survey(ask, 64, { closeAtMs, wasStarvedLately: () => false });
    expect(awake.capacities).toEqual([]);
  });

  it("one survey of our own fault and one more was weight 0: what was declared stands until a miner is silent of its own", async () => {
    const declarations = declared(["bob", "dave"], 77);
    const nobody: AskCapacities = async () => new Promise(() => undefined);
    const closeAtMs = createManualClock().nowMs() + 2_000;
    const hotkeysOf = async (isOurs: boolean) =>
      (await survey(nobody, 64, { closeAtMs, declarations, wasStarvedLately: () => isOurs })).capacities.map(([hotkey]) => hotkey);
    expect(await hotkeysOf(true)).toEqual(["bob", "dave"]);
    expect(await hotkeysOf(true)).toEqual(["bob", "dave"]);
    expect(await hotkeysOf(false)).toEqual([]);
    expect(await hotkeysOf(true)).toEqual([]);
  });

  describe("one missed survey cost a miner all of its weight for a period", () => {
    const closeAtMs = createManualClock().nowMs() + 4_000;

    it("a miner that is out of reach for a moment, or restarts, is asked again at half-time", async () => {
      const clock = createManualClock();
      const askedAtMs: number[] = [];
      const ask: AskCapacities = async ({ hotkey }, { tasks }) => {
        if (hotkey === "carol") return fail("connection");
        if (hotkey !== "alice") return answer(tasks, {});
        askedAtMs.push(clock.nowMs());
        return askedAtMs.length === 1 ? fail("connection") : answer(tasks, { "chat-tiny": 5 });
      };
      const { capacities } = await survey(ask, 64, { closeAtMs, clock });
      expect(capacities).toEqual([["alice", "chat-tiny", 5]]);
      expect(askedAtMs.map((atMs) => atMs - (closeAtMs - 4_000))).toEqual([0, 2_000]);
    });

    it("a request that hangs is repeated beside it at half-time, and the first answer counts", async () => {
      let asked = 0;
      const isCancelled: boolean[] = [];
      const ask: AskCapacities = async ({ hotkey }, { tasks }, signal) => {
        if (hotkey !== "alice") return answer(tasks, {});
        const index = asked++;
        signal.addEventListener("abort", () => isCancelled.push(index === 0));
        return index === 0 ? new Promise(() => undefined) : answer(tasks, { "chat-tiny": 5 });
      };
      const { capacities, clock } = await survey(ask, 64, { closeAtMs });
      expect(capacities).toEqual([["alice", "chat-tiny", 5]]);
      expect(asked).toBe(2);
      expect(isCancelled).toContain(true);
      expect(clock.sleepers()).toBe(0);
    });

    it("a miner that hangs while it answers other requests keeps what it declared; one that refuses does not", async () => {
      const declarations = () => declared(["alice", "bob", "carol"], 9);
      const ask: AskCapacities = async ({ hotkey }) => (hotkey === "bob" ? fail("connection") : new Promise<never>(() => undefined));
      const hasAnswered = (hotkey: string) => hotkey === "alice" || hotkey === "bob";
      const { capacities } = await survey(ask, 64, { closeAtMs, declarations: declarations(), hasAnswered });
      expect(capacities).toEqual([["alice", "chat-tiny", 9]]);
    });

    it("who hangs keeps nobody else from being asked a second time", async () => {
      const asked: string[] = [];
      const ask: AskCapacities = async ({ hotkey }, { tasks }) => {
        asked.push(hotkey);
        if (hotkey === "alice") return new Promise(() => undefined);
        return asked.filter((each) => each === hotkey).length === 1 ? fail("connection") : answer(tasks, { "chat-tiny": 5 });
      };
      const { capacities } = await survey(ask, 4, {
        closeAtMs,
        params: { ...defaultProbingParams, capacityConcurrency: 4, capacityTimeoutMs: 2_000 },
      });
      expect(capacities.map(([hotkey]) => hotkey)).toEqual(["bob", "carol", "dave"]);
    });
  });
});
