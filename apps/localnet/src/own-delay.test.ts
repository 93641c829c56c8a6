import { describe, expect, it } from "@jest/globals";
import { ownDelaySeconds } from "./own-delay.js";

describe("ownDelaySeconds", () => {
  it("adds up the standstills of all threads that were nobody else's", () => {
    const text = [
      "# TYPE vision_standstill_seconds_total counter",
      'vision_standstill_seconds_total{thread="core",cause="own"} 2.5',
      'vision_standstill_seconds_total{thread="prober",cause="miner"} 7',
      'vision_standstill_seconds_total{thread="gateway",cause="own"} 1',
      "vision_miners_known 8",
    ].join("\n");
    expect(ownDelaySeconds(text)).toBe(3.5);
    expect(ownDelaySeconds("vision_miners_known 8\n")).toBe(0);
  });
});
