import { describe, expect, it } from "@jest/globals";
import { createCancellationCredits } from "./cancellation-credits.js";

describe("createCancellationCredits", () => {
  it("excuses refusals soon after a cancellation, as many units as were cancelled and no more", () => {
    const credits = createCancellationCredits();
    expect(credits.use("a", "chat", 10, 0)).toBe(false);
    credits.note("a", "chat", 25, 0);
    expect([1, 2, 3].map(() => credits.use("a", "chat", 10, 1_000))).toEqual([true, true, true]);
    expect(credits.use("a", "chat", 10, 1_000)).toBe(false);
  });

  it("forgets after half a minute, and keeps miners and tasks apart", () => {
    const credits = createCancellationCredits();
    credits.note("a", "chat", 25, 0);
    expect(credits.use("b", "chat", 1, 0)).toBe(false);
    expect(credits.use("a", "image", 1, 0)).toBe(false);
    expect(credits.use("a", "chat", 1, 29_999)).toBe(true);
    expect(credits.use("a", "chat", 1, 30_000)).toBe(false);
  });

  it("gives nothing for nothing", () => {
    const credits = createCancellationCredits();
    credits.note("a", "chat", 0, 0);
    expect(credits.use("a", "chat", 1, 0)).toBe(false);
  });
});
