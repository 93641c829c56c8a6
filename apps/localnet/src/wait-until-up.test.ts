import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Program, startProgram } from "./processes.js";
import { waitUntilUp } from "./wait-until-up.js";

describe("waitUntilUp", () => {
  let folder = "";
  const programs: Program[] = [];

  const start = async (name: string, code: string) => {
    const script = join(folder, `${name}.mjs`);
    await writeFile(script, code);
    const program = startProgram({ name, script, args: [], logFile: join(folder, `${name}.log`) });
    programs.push(program);
    return program;
  };
  const startIdle = (name: string) => start(name, "setInterval(() => {}, 1000);");

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vision-wait-"));
  });

  afterAll(async () => {
    await Promise.all(programs.map((program) => program.kill()));
    await rm(folder, { recursive: true, force: true });
  });

  it("names a miner that ends before it is up, with the end of its log, and does not wait for the others", async () => {
    const idle = await startIdle("slow");
    const port = await start("limiting", 'console.log("first"); console.error("The port 8091 is taken"); process.exitCode = 2;');
    await expect(waitUntilUp(new AbortController().signal, async () => [idle, port])).rejects.toThrow(
      "The limiting ended on its own. The end of its log:\nfirst\nThe port 8091 is taken",
    );
  });

  it("looks until nothing is late", async () => {
    const idle = await startIdle("fast");
    let looks = 0;
    await waitUntilUp(new AbortController().signal, async () => (++looks < 3 ? [idle] : []));
    expect(looks).toBe(3);
  });

  it("stops looking when it is stopped", async () => {
    const idle = await startIdle("stopped");
    const stopping = new AbortController();
    const waiting = waitUntilUp(stopping.signal, async () => {
      stopping.abort();
      return [idle];
    });
    await expect(waiting).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
  });
});
