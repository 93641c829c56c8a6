import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { createBackend } from "./create-backend.js";

const fixtures = fileURLToPath(new URL("../../test/fixtures/", import.meta.url));

describe("createBackend", () => {
  it("makes each kind of backend", async () => {
    expect((await createBackend({ kind: "tiny" }, fixtures)).name).toBe("tiny");
    const server = await createBackend({ kind: "openai-compatible", baseUrl: "http://127.0.0.1:1/v1" }, fixtures);
    expect(server.name).toBe("openai-compatible");
    await server.close?.();
    expect((await createBackend({ kind: "llama-cpp", modelPath: "some.gguf", threads: 2 }, fixtures)).name).toBe("llama-cpp");
  });

  it("hands an operator's module its options and the backend that it wraps", async () => {
    const config = { kind: "module", path: "prefix-backend.mjs", options: { prefix: "slow" }, inner: { kind: "tiny" } } as const;
    expect((await createBackend(config, fixtures)).name).toBe("slow-tiny");
  });

  it("says what is wrong with a module", async () => {
    await expect(createBackend({ kind: "module", path: "no-default.mjs" }, fixtures)).rejects.toThrow(
      "the default export must be a function",
    );
    await expect(createBackend({ kind: "module", path: "no-backend.mjs" }, fixtures)).rejects.toThrow("did not return a backend");
    await expect(createBackend({ kind: "module", path: "nowhere.mjs" }, fixtures)).rejects.toThrow("nowhere.mjs");
  });

  it("regression: a module that throws was not named", async () => {
    await expect(createBackend({ kind: "module", path: "throws.mjs" }, fixtures)).rejects.toThrow(
      `${join(fixtures, "throws.mjs")}: options.gpu is missing`,
    );
  });
});
