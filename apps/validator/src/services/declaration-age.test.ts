import { describe, expect, it } from "@jest/globals";
import { createManualClock } from "../testing/manual-clock.js";
import { createDeclarationAge } from "./declaration-age.js";

const hourMs = 3_600_000;

describe("createDeclarationAge", () => {
  it("lets a declaration stand for three hours, or three periods if they are longer, not for ever", async () => {
    const clock = createManualClock();
    const hourly = createDeclarationAge(clock, hourMs);
    const daily = createDeclarationAge(clock, 24 * hourMs);
    expect(hourly.isFresh("of an earlier process")).toBe(true);
    await clock.advance(hourMs);
    hourly.noteHeard("alice");
    await clock.advance(2.5 * hourMs);
    expect([hourly.isFresh("alice"), hourly.isFresh("of an earlier process")]).toEqual([true, false]);
    await clock.advance(hourMs);
    expect([hourly.isFresh("alice"), daily.isFresh("alice")]).toEqual([false, true]);
  });

  it("forgets who has left", async () => {
    const clock = createManualClock();
    const age = createDeclarationAge(clock, hourMs);
    await clock.advance(4 * hourMs);
    age.noteHeard("alice");
    age.noteHeard("bob");
    age.keepOnly(new Set(["bob"]));
    expect([age.isFresh("alice"), age.isFresh("bob")]).toEqual([false, true]);
  });
});
