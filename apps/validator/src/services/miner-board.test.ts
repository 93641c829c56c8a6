import { describe, expect, it } from "@jest/globals";
import { createRegistry } from "@vision/protocol";
import { expectedFirstTokenMs, readyAtMs, routingScore } from "../domain/routing-record.js";
import { aResult } from "../testing/store-samples.js";
import { createMinerBoard, type MinerBoard } from "./miner-board.js";

const entry = (hotkey: string, taskId = "chat-tiny", capacityPerHour = 100) => ({
  target: { hotkey, host: "127.0.0.1", port: 1 },
  taskId,
  capacityPerHour,
  sampler: "gumbel-murmur3" as const,
});
const target = createRegistry().get("chat-tiny")?.target ?? { firstTokenMs: 1, unitsPerSecond: 1 };
const sample = (hotkey: string, qualityFraction: number) => ({
  requestId: "r",
  period: 1,
  hotkey,
  taskId: "chat-tiny",
  qualityFraction,
  firstTokenMs: null,
  durationMs: (target.firstTokenMs + 100_000 / target.unitsPerSecond) / 2, // twice the target's pace: speed factor 1.2
  units: 100,
  reasons: [],
  receipt: null,
  isOrganic: false,
  evidence: null,
});

const scores = (board: MinerBoard) => board.candidates("chat-tiny").map(({ record }) => routingScore(record));

describe("createMinerBoard", () => {
  it("shows who serves a task in the running period, with what is known of them", () => {
    const board = createMinerBoard();
    expect(board.currentPeriod()).toBeNull();
    expect(board.candidates("chat-tiny")).toEqual([]);
    board.startPeriod(3, [entry("alice"), entry("bob"), entry("bob", "image-tiny", 9)]);
    board.noteSample(sample("alice", 1));
    board.noteResult(aResult("r1", { hotkey: "alice" }));
    expect(board.candidates("chat-tiny")).toMatchObject([
      { target: { hotkey: "alice" }, capacityPerHour: 100 },
      { target: { hotkey: "bob" } },
    ]);
    expect(scores(board)).toEqual([1.2, 0.6]);
    expect(board.currentPeriod()).toBe(3);
    expect(board.target("carol")).toBeNull();
    expect([board.sampler("alice", "chat-tiny"), board.sampler("alice", "image-tiny")]).toEqual(["gumbel-murmur3", "unknown"]);
  });

  it("does not hold our own failures against a miner", () => {
    const board = createMinerBoard();
    board.startPeriod(1, [entry("alice")]);
    board.noteSample(sample("alice", 1));
    board.noteResult(aResult("r1", { hotkey: "alice", outcome: "failed", blame: "validator" }));
    expect(scores(board)[0]).toBe(1.2);
    board.noteResult(aResult("r2", { hotkey: "alice", outcome: "failed", blame: "miner" }));
    expect(scores(board)[0]).toBe(0);
  });

  it("measures by synthetic requests as by users': users of a new gateway are routed well", () => {
    const board = createMinerBoard();
    board.startPeriod(1, [entry("alice"), entry("bob")]);
    board.noteResult(aResult("r1", { hotkey: "alice", isOrganic: false, firstTokenMs: 70, startedAtMs: 1_000, durationMs: 500 }));
    const full = { outcome: "rateLimited", blame: "miner", retryAfterMs: 5_000 } as const;
    board.noteResult(aResult("r2", { hotkey: "bob", isOrganic: false, ...full, startedAtMs: 1_000, durationMs: 500 }));
    const [alice, bob] = board.candidates("chat-tiny").map(({ record }) => record);
    expect([alice && expectedFirstTokenMs(alice, 1_500), bob && readyAtMs(bob)]).toEqual([70, 6_500]);
  });

  it("knows when a task's first token is late, by the answers of all its miners", () => {
    const board = createMinerBoard();
    board.startPeriod(1, [entry("alice"), entry("bob")]);
    for (let count = 0; count < 20; count += 1) {
      expect(board.firstTokenBudgetMs("chat-tiny")).toBeNull();
      board.noteResult(aResult(`r${count}`, { hotkey: count % 2 === 0 ? "alice" : "bob", firstTokenMs: 300 }));
    }
    expect([board.firstTokenBudgetMs("chat-tiny"), board.firstTokenBudgetMs("image-tiny")]).toEqual([300, null]);
  });

  it("forgets who is gone", () => {
    const board = createMinerBoard();
    board.startPeriod(1, [entry("alice")]);
    board.noteSample(sample("alice", 1));
    board.startPeriod(2, [entry("bob")]);
    expect(board.candidates("chat-tiny").map(({ target }) => target.hotkey)).toEqual(["bob"]);
    board.startPeriod(3, [entry("alice")]);
    expect(scores(board)[0]).toBe(0.6);
  });

  it("serves only tasks that are switched on", () => {
    const board = createMinerBoard(createRegistry());
    expect(board.task("chat-tiny")?.id).toBe("chat-tiny");
    expect(board.task("chat-llama-3-1-8b")).toBeNull();
    board.setRegistry(new Map());
    expect(board.task("chat-tiny")).toBeNull();
  });
});
