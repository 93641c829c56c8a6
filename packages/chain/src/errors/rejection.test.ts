import { describe, expect, it } from "@jest/globals";
import { ChainError } from "./chain-error.js";
import { describeBlocks } from "./describe-blocks.js";
import { poolRejection, rejectionError } from "./rejection.js";

const call = "SubtensorModule.set_weights";

describe("poolRejection", () => {
  it.each([
    ["a node's text", { code: 1010, message: "1010: Invalid Transaction: Custom error: 6", data: "Custom error: 6" }],
    ["a runtime's JSON", { code: 1010, message: '{"invalid":{"custom":6}}', data: undefined }],
    ["data in JSON", { code: 1010, message: "Invalid Transaction", data: { invalid: { custom: 6 } } }],
  ])("knows a custom number in %s", (_name, error) => {
    expect(poolRejection(error, { call })).toMatchObject({ code: "CHAIN_REJECTED", chainName: "RateLimitExceeded", isRetryable: true });
  });

  it.each([
    ["Transaction is outdated", "TransactionStale", true],
    ["Priority is too low: (1 vs 1)", "TransactionPriorityTooLow", true],
    ["Transaction is temporarily banned", "TransactionBanned", true],
    ["Inability to pay some fees (e.g. account balance too low)", "BalanceTooLow", false],
    ["Transaction has a bad signature", "BadProof", false],
  ])("knows the pool's own %s", (message, chainName, isRetryable) => {
    expect(poolRejection({ code: 1010, message: "Invalid Transaction", data: message }, { call })).toMatchObject({
      chainName,
      isRetryable,
    });
  });

  it("knows the pool by the node's own codes, whatever the text says", () => {
    const named = (code: number) => poolRejection({ code, message: "reworded", data: undefined }, { call });
    expect(named(1014)).toMatchObject({ chainName: "TransactionPriorityTooLow", isRetryable: true });
    expect(named(1013).chainName).toBe("AlreadyImported");
    expect(named(1012).chainName).toBe("TransactionBanned");
  });

  it("keeps an unknown custom number, and an unknown text", () => {
    expect(poolRejection({ code: 1010, message: "Custom error: 99", data: null }, { call }).chainName).toBe("Custom99");
    expect(poolRejection({ code: 1002, message: "Verification Error", data: null }, { call })).toMatchObject({
      chainName: null,
      isRetryable: false,
    });
  });
});

describe("rejectionError", () => {
  it("says when a retry can help, in blocks and in time", () => {
    const error = rejectionError("SettingWeightsTooFast", { call, retryAfterBlocks: 37 });
    expect(error.message).toContain("rate limited: 37 blocks, about 7 min 24 s");
    expect(error).toMatchObject({ isRetryable: true, retryAfterBlocks: 37, code: "CHAIN_REJECTED" });
  });

  it("says what to do where waiting does not help", () => {
    const error = rejectionError("NeuronNoValidatorPermit", { call });
    expect(error).toMatchObject({ isRetryable: false, retryAfterBlocks: null, hint: expect.stringContaining("permit") });
  });
});

describe("rate limits", () => {
  it.each([
    "AddStakeBurnRateLimitExceeded",
    "TxChildkeyTakeRateLimitExceeded",
    "DelegateTxRateLimitExceeded",
    "HotKeySwapOnSubnetIntervalNotPassed",
    "NeedWaitingMoreBlocksToStarCall",
    "CommittingWeightsTooFast",
    "SomethingNewRateLimitExceeded",
  ])("are known by their kind: %s", (chainName) => {
    const error = rejectionError(chainName, { call });
    expect(error.isRetryable).toBe(true);
    expect(error.message).toContain("rate limited");
  });

  it.each(["RevealTooEarly", "ColdkeySwapTooEarly", "CommitBlockNotInRevealRange"])("are not what %s is, which passes too", (chainName) => {
    const error = rejectionError(chainName, { call });
    expect(error.isRetryable).toBe(true);
    expect(error.message).not.toContain("rate limited");
  });
});

describe("ChainError", () => {
  it("is known by its form, with or without a code", () => {
    const error = new ChainError({ code: "CHAIN_TIMEOUT", message: "late" });
    expect(ChainError.isInstance(error)).toBe(true);
    expect(ChainError.isInstance(error, "CHAIN_REJECTED")).toBe(false);
    expect(ChainError.isInstance(new Error("late"))).toBe(false);
  });
});

describe("describeBlocks", () => {
  it.each([
    [1, 12, "1 block, about 12 s"],
    [5, 12, "5 blocks, about 1 min"],
    [360, 12, "360 blocks, about 1 h 12 min"],
    [7200, 12, "7200 blocks, about 1 d"],
    [8, 0.25, "8 blocks, about 2 s"],
  ])("%d blocks of %d s", (blocks, seconds, text) => {
    expect(describeBlocks(blocks, seconds)).toBe(text);
  });
});
