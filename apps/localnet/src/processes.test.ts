import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { startProgram } from "./processes.js";

describe("startProgram", () => {
  let folder = "";

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vision-processes-"));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("a DATABASE_URL in the shell sent the local subnet's results to the developer's own database", async () => {
    const script = join(folder, "names.mjs");
    const names = join(folder, "names.json");
    await writeFile(
      script,
      'import { writeFileSync } from "node:fs"; writeFileSync(process.argv[2], JSON.stringify(Object.keys(process.env))); process.exit(0);',
    );
    expect(await startProgram({ name: "names", script, args: [names], logFile: join(folder, "log") }).exited).toBe(0);
    const given = JSON.parse(await readFile(names, "utf8"));
    expect(given).toContain("PATH");
    // Jest sets it in the environment of the process that runs this, and no test can set anything there.
    expect(given).not.toContain("NODE_ENV");
  });
});
