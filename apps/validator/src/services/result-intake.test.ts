import { describe, expect, it } from "@jest/globals";
import { createRegistry } from "@vision/protocol";
import { defaultOutageParams } from "../domain/network-outage.js";
import { createPeriodProgress } from "../domain/period-progress.js";
import type { CheckRecord, ResultRecord } from "../domain/records/index.js";
import { aCheck, aPeriod, aProbe, aResult } from "../testing/store-samples.js";
import { createResultIntake } from "./result-intake.js";

function setUp() {
  const added: { readonly result: ResultRecord; readonly check: CheckRecord | null; readonly holdMs: number | undefined }[] = [];
  const noted: string[] = [];
  const times: Pick<ResultRecord, "hotkey" | "taskId" | "isOrganic" | "startedAtMs">[] = [];
  const state = { isOffline: false, isSuspect: false, isStored: false };
  const registry = createRegistry();
  const intake = createResultIntake({
    board: {
      task: (taskId) => registry.get(taskId) ?? null,
      noteResult: ({ requestId, blame }) => void noted.push(`${requestId} ${blame}`),
      noteExcused: ({ requestId }) => void noted.push(`${requestId} excused`),
    },
    results: {
      add: (result, check, holdMs) => void added.push({ result, check, holdMs }),
      replace: () => !state.isStored,
    },
    network: {
      judge: (result) => (state.isOffline ? { ...result, blame: "validator" } : result),
      isSuspect: () => state.isSuspect,
    },
    userGaps: { note: ({ hotkey, taskId, isOrganic, startedAtMs }) => void times.push({ hotkey, taskId, isOrganic, startedAtMs }) },
  });
  const inPeriod = (period: number) => createPeriodProgress(aPeriod(period), [aProbe()]);
  return { intake, added, noted, times, state, inPeriod };
}

const aFailure = (requestId: string) => aResult(requestId, { outcome: "failed", blame: "miner", reason: "slow", completedUnits: 0 });

describe("createResultIntake", () => {
  it("tells when each request came, so that the plan's can come alike, but not of volume that was refused without being asked for", () => {
    const { intake, times } = setUp();
    intake.take(aResult("r1", { isOrganic: true, startedAtMs: 5 }), null);
    intake.refuse(aResult("r2", { isOrganic: true, startedAtMs: 6 }));
    expect(times).toEqual([{ hotkey: "alice", taskId: "chat-tiny", isOrganic: true, startedAtMs: 5 }]);
  });

  it("records a result with its check, and tells the period and the board", () => {
    const { intake, added, noted, inPeriod } = setUp();
    intake.startPeriod(inPeriod(1));
    intake.take(aResult("r1"), aCheck("r1"));
    expect(added).toEqual([{ result: aResult("r1"), check: aCheck("r1"), holdMs: 0 }]);
    expect(intake.current()?.get("alice", "chat-tiny")).toMatchObject({ requests: 1, okCount: 1 });
    expect(noted).toEqual(["r1 nobody"]);
  });

  it("counts a late answer in the period before, and nowhere two periods later", () => {
    const { intake, inPeriod } = setUp();
    const first = inPeriod(1);
    intake.startPeriod(first);
    intake.startPeriod(inPeriod(2));
    intake.take(aResult("r1"), null);
    expect(first.get("alice", "chat-tiny")).toMatchObject({ requests: 1 });
    expect(intake.current()?.get("alice", "chat-tiny")).toMatchObject({ requests: 0 });
    intake.startPeriod(inPeriod(3));
    intake.take(aResult("r2"), null);
    expect(first.get("alice", "chat-tiny")).toMatchObject({ requests: 1 });
  });

  it("holds back what may yet turn out to be our own outage, and takes the blame back while it can", () => {
    const { intake, added, noted, state, inPeriod } = setUp();
    intake.startPeriod(inPeriod(1));
    state.isSuspect = true;
    intake.take(aFailure("r1"), null);
    expect(added[0]?.holdMs).toBe(defaultOutageParams.windowMs);
    expect(intake.current()?.get("alice", "chat-tiny")).toMatchObject({ failedCount: 1 });
    intake.excuse({ ...aFailure("r1"), blame: "validator" });
    expect(intake.current()?.get("alice", "chat-tiny")).toMatchObject({ requests: 0, failedCount: 0 });
    expect(noted).toEqual(["r1 miner", "r1 excused"]);
  });

  it("leaves counts alone for a result that the store was given: they never shrink there", () => {
    const { intake, noted, state, inPeriod } = setUp();
    intake.startPeriod(inPeriod(1));
    intake.take(aFailure("r1"), null);
    state.isStored = true;
    intake.excuse({ ...aFailure("r1"), blame: "validator" });
    expect(intake.current()?.get("alice", "chat-tiny")).toMatchObject({ failedCount: 1 });
    expect(noted).toEqual(["r1 miner"]);
  });

  it("an answer far larger than what was asked is the miner's failure before anything counts it", () => {
    const { intake, added, inPeriod } = setUp();
    intake.startPeriod(inPeriod(1));
    const answer = {
      kind: "text" as const,
      text: "x",
      tokens: [{ bytes: new Array<number>(5_000_000).fill(104), text: "x", logprob: -1 }],
      finishReason: "stop" as const,
    };
    const request = { model: "chat-tiny", messages: [{ role: "user", content: "Hi" }], max_tokens: 40 };
    intake.take(aResult("r1"), aCheck("r1", { request, answer }));
    expect(added[0]).toMatchObject({ check: null, result: { outcome: "failed", blame: "miner" } });
    expect(intake.current()?.get("alice", "chat-tiny")).toMatchObject({ okCount: 0, failedCount: 1 });
  });

  it("a watch notes who answered while it lasted, and nobody who failed or refused", () => {
    const { intake, inPeriod } = setUp();
    intake.startPeriod(inPeriod(1));
    intake.take(aResult("r1"), null);
    const watch = intake.watchAnswers();
    expect(watch.has("alice")).toBe(false);
    intake.take(aFailure("r2"), null);
    expect(watch.has("alice")).toBe(false);
    intake.take(aResult("r3"), null);
    expect(watch.has("alice")).toBe(true);
    watch.stop();
    intake.take(aResult("r4", { hotkey: "bob" }), null);
    expect(watch.has("bob")).toBe(false);
  });
});
