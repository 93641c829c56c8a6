import { describe, expect, it } from "@jest/globals";
import type { Runtime } from "../runtime/runtime.js";
import { dispatchErrorName } from "./dispatch-error.js";

const runtime = {
  errorName: (pallet: number, error: number) => (pallet === 7 && error === 3 ? { pallet: "subtensorModule", name: "Known" } : null),
} as unknown as Runtime;

describe("dispatchErrorName", () => {
  it.each([
    [{ module: { index: 7, error: "0x03000000" } }, "Known"],
    [{ module: { index: 7, error: "0x04000000" } }, "Module7Error0x04000000"],
    [{ badOrigin: null }, "BadOrigin"],
    [{ token: "FundsUnavailable" }, "FundsUnavailable"],
    ["Other", "Other"],
    [null, "Unknown"],
  ])("names %j", (json, name) => {
    expect(dispatchErrorName(json, runtime)).toBe(name);
  });
});
