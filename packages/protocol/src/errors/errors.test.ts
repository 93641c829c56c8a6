import { describe, expect, it } from "@jest/globals";
import { VisionError } from "./vision-error.js";
import { createWireError, wireErrorCodes, wireErrorSchema, wireErrorStatus } from "./wire-error.js";

describe("VisionError", () => {
  it("carries a code, facts, the cause and what to do next", () => {
    const cause = new Error("inner");
    const error = new VisionError({ code: "CONFIG_INVALID", message: "Two mistakes.", hint: "Change them.", facts: { count: 2 }, cause });
    expect(error.message).toBe("Two mistakes. Change them.");
    expect(error).toMatchObject({
      code: "CONFIG_INVALID",
      facts: { count: 2 },
      cause,
      docsPath: "docs/reference/errors.md#config_invalid",
    });
  });

  it("is recognised across two copies of the package", () => {
    const foreign = Object.assign(new Error("x"), { code: "CONFIG_INVALID", [Symbol.for("vision.error")]: true });
    expect(VisionError.isInstance(foreign, "CONFIG_INVALID")).toBe(true);
    expect(VisionError.isInstance(foreign, "CHAIN_TIMEOUT")).toBe(false);
    expect(VisionError.isInstance(new Error("x"))).toBe(false);
    expect(VisionError.isInstance(null)).toBe(false);
  });
});

describe("wire errors", () => {
  it.each(wireErrorCodes)("%s has a status and OpenAI's shape", (code) => {
    expect(wireErrorStatus(code)).toBeGreaterThanOrEqual(400);
    const body = createWireError(code, "why", "field");
    expect(wireErrorSchema.parse(body)).toEqual(body);
    expect(body.error).toMatchObject({ message: "why", code, param: "field" });
  });
});
