import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { describeReferenceModel } from "../testing/reference-model-contract.js";
import { createGgufModel, hashFile } from "./reference-model-gguf.js";

const path = fileURLToPath(new URL("../../../tiny/models/tiny-lm-q8_0.gguf", import.meta.url));
const signal = new AbortController().signal;

async function isInstalled(): Promise<boolean> {
  const packageName = "node-llama-cpp";
  return import(packageName).then(
    () => true,
    () => false,
  );
}

describe("createGgufModel", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vision-gguf-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("hashes a file as sha256sum does", async () => {
    const file = join(folder, "abc");
    await writeFile(file, "abc");
    expect(await hashFile(file)).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  it("answers nothing by another file than the one that was named, and tries again at the next question", async () => {
    const file = join(folder, "other.gguf");
    await writeFile(file, "not it");
    let loads = 0;
    const model = createGgufModel({ path: file, sha256: "00".repeat(32), threads: 1, gpu: false }, async () => {
      loads += 1;
      throw new Error("loaded");
    });
    await expect(model.facts(signal)).rejects.toMatchObject({ code: "REFERENCE_UNAVAILABLE" });
    await writeFile(file, "abc");
    await expect(model.facts(signal)).rejects.toMatchObject({ code: "REFERENCE_UNAVAILABLE" });
    expect(loads).toBe(0);
    await model.close();
  });
});

// Runs where node-llama-cpp is installed (`npm install --no-save node-llama-cpp`); reported as skipped elsewhere.
if (await isInstalled()) {
  describeReferenceModel("a GGUF file by node-llama-cpp", async () =>
    createGgufModel({ path, threads: 1, contextTokens: 512, gpu: false }),
  );
} else {
  describe.skip("a GGUF file by node-llama-cpp (node-llama-cpp is not installed)", () => {
    it.todo("answers as any reference model");
  });
}
