import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { decodePng, encodePng, type RgbImage } from "@vision/tiny";
import OpenAI, { toFile } from "openai";
import { localnetReportSchema } from "../src/report-schema.js";
import { type RunningLocalnet, startLocalnet } from "./run-program.js";

/** A Python with OpenAI's package, in an environment of its own. */
const python = process.env["VISION_OPENAI_PYTHON"] ?? "";

/** Left half of one colour, right half of another. */
function halves(side: number): RgbImage {
  const pixels = Uint8Array.from({ length: side * side * 3 }, (_, at) => (Math.floor(at / 3) % side < side / 2 ? 20 : 220));
  return { width: side, height: side, pixels };
}

/** What became of the picture: one of the task's size, and another one. */
function expectNewPicture(base64: string | undefined): void {
  const decoded = decodePng(Buffer.from(base64 ?? "", "base64"), { maxPixels: 32 * 32 });
  if (!decoded.ok) throw new Error(decoded.reason);
  expect([decoded.image.width, decoded.image.height]).toEqual([32, 32]);
  expect(decoded.image.pixels).not.toEqual(halves(32).pixels);
}

describe("a subnet of images that start from another one", () => {
  const picture = Buffer.from(encodePng(halves(64)));
  let folder = "";
  let run: RunningLocalnet;
  let baseURL = "";
  let apiKey = "";

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vision-image-edits-"));
    run = startLocalnet(["--tasks", "image-edit-tiny", "--periods", "3", "--period", "20", "--json"]);
    await run.waitForText("#operator=");
    const [, origin = "", key = ""] = /(http:\/\/\S+)\/#key=(\S+)/.exec(run.stderr()) ?? [];
    baseURL = `${origin}/v1`;
    apiKey = key;
  }, 240_000);
  afterAll(async () => {
    run.child.kill("SIGTERM");
    await run.exited;
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  it("makes a user's uploaded picture anew for OpenAI's client for Node", async () => {
    const openai = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
    const image = await toFile(picture, "photo.png", { type: "image/png" });
    const { data } = await openai.images.edit({ model: "image-edit-tiny", image, prompt: "a red apple", response_format: "b64_json" });
    expectNewPicture(data?.[0]?.b64_json);
  }, 60_000);

  (python === "" ? it.skip : it)(
    `does so for its client for Python${python === "" ? " (VISION_OPENAI_PYTHON names no Python with it)" : ""}`,
    async () => {
      const path = join(folder, "photo.png");
      await writeFile(path, picture);
      const { stdout } = await promisify(execFile)(python, [join(import.meta.dirname, "edit-image.py"), baseURL, apiKey, path]);
      expectNewPicture(stdout.trim());
    },
    120_000,
  );

  it("probes, checks and pays who makes them, and not who saves half of the steps or has too little room", async () => {
    expect(await run.exited).toBe(0);
    const report = localnetReportSchema.parse(JSON.parse(run.stdout()));
    const last = report.periods.at(-1);
    expect(last?.tasks.filter(({ isServed }) => isServed).map(({ taskId }) => taskId)).toEqual(["image-edit-tiny"]);
    const of = (profile: string) => last?.miners.find((miner) => miner.profile === profile);
    const weightOf = (profile: string) => of(profile)?.weight ?? Number.NaN;
    for (const profile of ["fast-1", "fast-2", "slow", "limiting"]) {
      expect([profile, (of(profile)?.tasks[0]?.sampleCount ?? 0) > 0]).toEqual([profile, true]);
      expect([profile, weightOf(profile) > 0.05]).toEqual([profile, true]);
    }
    for (const profile of ["cheaper-model", "junk-when-full", "over-declaring"])
      expect([profile, weightOf(profile) < 0.01]).toEqual([profile, true]);
    expect(weightOf("one-machine-a") + weightOf("one-machine-b")).toBeLessThan(Math.min(weightOf("fast-1"), weightOf("fast-2")));
    expect(report.organic.length).toBeGreaterThan(0);
    expect(report.organic.filter(({ isOk }) => !isOk)).toEqual([]);
  }, 420_000);
});
