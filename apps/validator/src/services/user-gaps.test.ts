import { describe, expect, it } from "@jest/globals";
import { addGaps, noGaps } from "../domain/gap-histogram.js";
import { createUserGaps } from "./user-gaps.js";

const result = { isOrganic: true, isOpening: true, hotkey: "alice", taskId: "chat-tiny" };
const times = Array.from({ length: 30 }, (_, index) => 1_000 * index + 400 * (index % 3));

describe("createUserGaps", () => {
  it("counts the gaps of each miner's users by task when a period is over, and never the validator's own or later turns", () => {
    const gaps = createUserGaps();
    for (const startedAtMs of times) {
      gaps.note({ ...result, startedAtMs });
      gaps.note({ ...result, hotkey: "bob", startedAtMs: 10 * startedAtMs });
      gaps.note({ ...result, isOrganic: false, startedAtMs: startedAtMs + 1 });
      gaps.note({ ...result, isOpening: false, startedAtMs: startedAtMs + 1 });
    }
    expect(gaps.of("chat-tiny")).toBe(noGaps);
    gaps.endPeriod();
    const one = addGaps(noGaps, times);
    expect(gaps.of("chat-tiny")).toEqual(
      addGaps(
        one,
        times.map((timeMs) => 10 * timeMs),
      ),
    );
    expect(gaps.of("completion-tiny")).toBe(noGaps);
    const before = gaps.of("chat-tiny");
    gaps.endPeriod();
    expect(gaps.of("chat-tiny")).toBe(before);
  });

  it("keeps a bounded number of times, and leaves room for other miners' users", () => {
    const gaps = createUserGaps();
    for (let index = 0; index < 50_000; index += 1) gaps.note({ ...result, startedAtMs: index * index });
    for (const startedAtMs of times) gaps.note({ ...result, taskId: "completion-tiny", startedAtMs });
    gaps.endPeriod();
    expect(gaps.of("chat-tiny")).toEqual(
      addGaps(
        noGaps,
        Array.from({ length: 512 }, (_, index) => index * index),
      ),
    );
    expect(gaps.of("completion-tiny")).toEqual(addGaps(noGaps, times));
  });
});
