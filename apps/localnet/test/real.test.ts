import { existsSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { localnetReportSchema } from "../src/report-schema.js";
import { startLocalnet } from "./run-program.js";

const modelPath = process.env["VISION_SMOLLM2_GGUF"] ?? "";

async function findMissing(): Promise<string | null> {
  if (!existsSync(modelPath)) return "VISION_SMOLLM2_GGUF names no file";
  const packageName = "node-llama-cpp";
  return import(packageName).then(
    () => null,
    () => "node-llama-cpp is not installed",
  );
}

// Both come with `node scripts/fetch-real-model.mjs`.
const missing = await findMissing();

(missing === null ? describe : describe.skip)(`npm run real${missing === null ? "" : ` (${missing})`}`, () => {
  it("pays honest miners on a real model, and none that cheats", async () => {
    const run = startLocalnet(["--model", modelPath, "--periods", "3", "--period", "40", "--json"]);
    const code = await run.exited;
    // The end first: what a failure prints of it is cut.
    const lines = run.stderr().trim().split("\n").reverse().join("\n");
    expect(`exit code ${code}\n${lines}`).toMatch(/^exit code 0\nHonest miners were paid, the others were not\./);
    const report = localnetReportSchema.parse(JSON.parse(run.stdout()));
    for (const miner of report.periods.at(-1)?.miners ?? []) {
      expect(`${miner.profile}: ${(miner.tasks[0]?.sampleCount ?? 0) > 0}`).toBe(`${miner.profile}: true`);
    }
    expect(report.organic.some(({ isOk }) => isOk)).toBe(true);
  }, 420_000);
});
