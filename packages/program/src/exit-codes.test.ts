import { describe, expect, it } from "@jest/globals";
import { VisionError } from "@vision/protocol";
import { exitCodes, reportFailure } from "./exit-codes.js";

describe("reportFailure", () => {
  it.each([
    ["CONFIG_INVALID", exitCodes.misused],
    ["CHAIN_UNREACHABLE", exitCodes.unreachable],
    ["STORE_UNREACHABLE", exitCodes.unreachable],
    ["WALLET_PASSWORD", exitCodes.failed],
  ] as const)("ends over %s with %i", (code, exitCode) => {
    expect(reportFailure(new VisionError({ code, message: "No." }))).toMatchObject({ exitCode, text: expect.stringContaining("No.") });
  });

  it("tells the stack of what nobody foresaw, without secrets", () => {
    const { exitCode, text } = reportFailure(new Error("lost postgres://me:hunter2@db"));
    expect(exitCode).toBe(exitCodes.failed);
    expect(text).toContain("exit-codes.test");
    expect(text).not.toContain("hunter2");
  });
});
