import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";

const packageDir = fileURLToPath(new URL("../", import.meta.url));

/** Generates in the main thread and in a worker, and says whether they agree. Uses the package as an installed one: by its name. */
const program = `
  const model = await tiny.loadLanguageModel("tiny-lm-small-q8_0");
  const promptTokens = model.chatPrompt([{ role: "user", content: "Hello!" }]);
  const options = { promptTokens, maxTokens: 12, temperature: 0.7, seed: 3 };
  const here = [...model.generate(options)].map(({ tokenId }) => tokenId);
  const worker = tiny.createTinyWorker();
  const there = (await worker.generateText("tiny-lm-small-q8_0", options)).map(({ tokenId }) => tokenId);
  console.log(here.length > 0 && here.join() === there.join(), tiny.modelNames.length);
`;

function run(args: readonly string[]): string {
  return execFileSync(process.execPath, args, { cwd: packageDir, encoding: "utf8", timeout: 60_000 }).trim();
}

// `npm test` in the root builds the packages first.
describe("the built package", () => {
  it("is there: run npm run build first", () => {
    expect(existsSync(new URL("../dist/index.js", import.meta.url))).toBe(true);
  });

  it("finds its models and its worker as an ES module", () => {
    expect(run(["--input-type=module", "-e", `import * as tiny from "@vision/tiny"; ${program}`])).toBe("true 3");
  });

  it("finds its models and its worker as CommonJS", () => {
    expect(run(["--input-type=commonjs", "-e", `(async () => { const tiny = require("@vision/tiny"); ${program} })()`])).toBe("true 3");
  });

  it.each(["tiny-lm-q8_0", "tiny-lm-small-q8_0", "tiny-emoji-diffusion-f16"])("lets a program find the file of %s", (name) => {
    const path = run(["--input-type=commonjs", "-e", `console.log(require.resolve("@vision/tiny/models/${name}.gguf"))`]);
    expect(existsSync(path)).toBe(true);
  });
});
