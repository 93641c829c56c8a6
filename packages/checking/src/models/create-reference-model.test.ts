import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { findMissingPackages, type ReferenceModelSettings } from "./create-reference-model.js";

describe("findMissingPackages", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vision-packages-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("names what a kind needs and what is not installed where the program would find it", async () => {
    const from = pathToFileURL(join(folder, "app", "main.js")).href;
    const gguf: ReferenceModelSettings = { kind: "gguf", path: "/none.gguf", threads: 1, gpu: false };
    expect(findMissingPackages([gguf], from)).toEqual(["node-llama-cpp"]);
    expect(findMissingPackages([], from)).toEqual([]);
    await mkdir(join(folder, "node_modules", "node-llama-cpp"), { recursive: true });
    expect(findMissingPackages([gguf], from)).toEqual([]);
  });
});
