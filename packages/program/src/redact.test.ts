import { describe, expect, it } from "@jest/globals";
import { VisionError } from "@vision/protocol";
import { redact, redactFacts } from "./redact.js";

describe("redact", () => {
  it("keeps text without credentials as it is", () => {
    expect(redact("mail me@example.org about http://host/path?a=b")).toBe("mail me@example.org about http://host/path?a=b");
  });

  it.each([
    "postgresql://vision:hunter2@db:5432/vision",
    "postgresql://vision:a@hunter2@db:5432/vision",
    "postgresql://vision:a/hunter2@db:5432/vision",
    "postgresql://vision:a?hunter2#b@db:5432/vision",
    "redis://:hunter2@db:5432",
    "wss://db:5432/rpc?api_key=hunter2&x=1",
    "https://db:5432/v1?x=1&accessToken=hunter2",
    "postgresql://db:5432/vision?user=me&password=hunter2",
  ])("takes the secret out of %s and leaves the host", (text) => {
    const shown = redact(`Cannot reach ${text}, see the log.`);
    expect(shown).not.toContain("hunter2");
    expect(shown).toContain("db:5432");
    expect(shown).toContain("see the log.");
  });
});

describe("redactFacts", () => {
  it("finds secrets in nested facts, lists, maps, errors and their causes", () => {
    const error = new VisionError({
      code: "STORE_UNREACHABLE",
      message: "away",
      facts: { tried: ["redis://:hunter2@cache"] },
      cause: new Error("refused by postgres://a:hunter2@db"),
    });
    const shown = redactFacts({
      at: { deep: ["wss://me:hunter2@node"], map: new Map([["url", "ws://u:hunter2@h"]]) },
      error,
      apiKey: "hunter2",
    });
    expect(JSON.stringify(shown)).not.toContain("hunter2");
    expect(shown).toMatchObject({ at: { deep: ["wss://node"] }, error: { code: "STORE_UNREACHABLE" } });
  });

  it("showed secrets that are several, or of another spelling: all text under a secret's name is hidden, numbers are not", () => {
    const headers = { "x-api-key": "hunter2", cookie: "hunter2", authorization: ["hunter2"] };
    const shown = redactFacts({
      headers,
      passwords: new Map([["a", { is: "hunter2" }]]),
      operatorToken: "hunter2",
      tokens: "8 tokens",
      maxToken: 8,
    });
    expect(JSON.stringify(shown)).not.toContain("hunter2");
    expect(shown).toMatchObject({ passwords: { a: { is: "(hidden)" } }, tokens: "8 tokens", maxToken: 8 });
  });

  it("ends for facts that hold themselves", () => {
    const facts: Record<string, unknown> = { amount: 5n };
    facts["self"] = facts;
    expect(redactFacts(facts)).toMatchObject({ amount: "5", self: { amount: "5" } });
  });
});
