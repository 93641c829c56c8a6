import { describe, expect, it } from "@jest/globals";
import { createBackendFailures } from "./backend-failures.js";

describe("createBackendFailures", () => {
  it("a miner whose backend was ill wrote a warning for every request: one at once, then one a minute with how many there were", () => {
    let nowMs = 5;
    const lines: unknown[] = [];
    const tell = (message: string, facts?: object) => void lines.push({ message, ...facts });
    const logger = { debug: tell, info: tell, warn: tell, error: tell };
    const failures = createBackendFailures({ clock: { monotonicMs: () => nowMs }, logger });
    for (let second = 0; second < 120; second += 1) {
      failures.note("The backend failed", { backend: "a", task: "chat-tiny", error: `the ${second}th` });
      nowMs += 1_000;
    }
    failures.note("The backend failed", { backend: "a", task: "image-tiny", error: "another task" });
    expect(lines).toEqual([
      { message: "The backend failed", backend: "a", task: "chat-tiny", error: "the 0th", times: 1 },
      { message: "The backend failed", backend: "a", task: "chat-tiny", error: "the 60th", times: 60 },
      { message: "The backend failed", backend: "a", task: "image-tiny", error: "another task", times: 1 },
    ]);
  });
});
