import { once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "@jest/globals";
import { anySignal } from "./any-signal.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

describe("anySignal", () => {
  it("regression: a time limit beside another signal was collected as garbage, and never came", async () => {
    const outer = new AbortController();
    // As where a request is given its signal: nobody else holds the time-out.
    const limited = anySignal([outer.signal, AbortSignal.timeout(300)]);
    const aborted = once(limited, "abort");
    const collecting = setInterval(collectGarbage, 20);
    await aborted;
    clearInterval(collecting);
    expect(limited.reason).toMatchObject({ name: "TimeoutError" });
  });

  it("aborts with the first, for its reason, and not again", () => {
    const [one, other] = [new AbortController(), new AbortController()];
    const either = anySignal([one.signal, other.signal]);
    expect(either.aborted).toBe(false);
    other.abort(new Error("second"));
    one.abort(new Error("first, too late"));
    expect(either.reason).toEqual(new Error("second"));
  });

  it("is aborted at once where one of them is, and never where there is none", () => {
    expect(anySignal([new AbortController().signal, AbortSignal.abort(new Error("before"))]).reason).toEqual(new Error("before"));
    expect(anySignal([]).aborted).toBe(false);
  });
});
