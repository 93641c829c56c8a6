import { describe, expect, it } from "@jest/globals";
import { untilAborted } from "./until-aborted.js";

describe("untilAborted", () => {
  it("regression: a gateway that was told to stop while it read what an earlier one left never ended", async () => {
    await expect(untilAborted(AbortSignal.abort(new Error("told to stop before")))).resolves.toBeUndefined();
  });

  it("waits for the abort, and does not fail by its reason", async () => {
    const stop = new AbortController();
    let isOver = false;
    const over = untilAborted(stop.signal).then(() => {
      isOver = true;
    });
    await Promise.resolve();
    expect(isOver).toBe(false);
    stop.abort(new Error("told to stop"));
    await over;
    expect(isOver).toBe(true);
  });
});
