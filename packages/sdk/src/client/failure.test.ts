import { describe, expect, it } from "@jest/globals";
import { createWireError } from "@vision/protocol";
import { networkFailure, statusFailure } from "./failure.js";

describe("networkFailure", () => {
  it.each(["EMFILE", "ENFILE", "ENETDOWN", "ENETUNREACH", "EADDRNOTAVAIL"])("%s is our machine's fault, not the miner's", (code) => {
    const error = Object.assign(new Error("connect"), { code });
    expect(networkFailure(error)).toMatchObject({ stage: "connection", blame: "validator", status: null });
    expect(networkFailure(new Error("outer", { cause: error })).blame).toBe("validator");
  });

  it.each(["ECONNREFUSED", "ECONNRESET", "EHOSTUNREACH", "ENOTFOUND", "UND_ERR_SOCKET"])("%s counts against the miner", (code) => {
    expect(networkFailure(Object.assign(new Error("x"), { code }))).toMatchObject({ stage: "connection", blame: "miner" });
  });
});

describe("statusFailure", () => {
  it("an invalid request can be told from a failed one by status and code, not by parsing a reason", () => {
    expect(statusFailure(400, createWireError("invalid_request", "too long"))).toMatchObject({
      ...{ stage: "status", status: 400, code: "invalid_request", minerMessage: "too long" },
    });
    expect(statusFailure(502, createWireError("backend_failed", "broken"))).toMatchObject({ status: 502, code: "backend_failed" });
  });

  it.each([null, "oops", {}, { error: "no" }, { error: { message: "no" } }, { error: { message: "no", code: 7 } }])(
    "has no code where the miner sent none: %j",
    (body) => {
      const failure = statusFailure(400, body);
      expect(failure).toMatchObject({ stage: "status", blame: "miner", status: 400 });
      expect(failure).not.toHaveProperty("code");
    },
  );
});
