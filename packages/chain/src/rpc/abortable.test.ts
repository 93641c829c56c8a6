import { describe, expect, it } from "@jest/globals";
import { abortable } from "./abortable.js";

describe("abortable", () => {
  it("gives the result, the signal's reason, or the time-out's error", async () => {
    const never = new Promise<never>(() => undefined);
    expect(await abortable(Promise.resolve(1), {})).toBe(1);
    const abort = new AbortController();
    const waiting = abortable(never, { signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await expect(abortable(never, { timeoutMs: 1, onTimeout: () => new Error("late") })).rejects.toThrow("late");
  });

  it("leaves no unhandled rejection behind when the signal was aborted before", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", note);
    try {
      let fail: (error: Error) => void = () => undefined;
      const promise = new Promise<void>((_resolve, reject) => {
        fail = reject;
      });
      await expect(abortable(promise, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
      fail(new Error("the connection was lost"));
      await new Promise((resolve) => setImmediate(resolve));
      expect(unhandled).toEqual([]);
    } finally {
      process.off("unhandledRejection", note);
    }
  });
});
