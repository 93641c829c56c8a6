import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createRegistry } from "@vision/protocol";
import { checkRequestsFile, readRequestsFile } from "./requests-file.js";

const registry = createRegistry();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vision-requests-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(...lines: readonly string[]) {
  const path = join(folder, "requests.jsonl");
  await writeFile(path, lines.join("\n"));
  return { path, found: await readRequestsFile(path, registry) };
}

describe("readRequestsFile", () => {
  it("reads one body a line, each for the task that it names", async () => {
    const chat = { model: "chat-tiny", messages: [{ role: "user", content: "hi" }], top_p: 0.5 };
    const { found } = await read(JSON.stringify(chat), "", JSON.stringify({ model: "completion-tiny", prompt: "Once" }), "");
    expect(found).toMatchObject({
      requests: [
        { taskId: "chat-tiny", request: chat },
        { taskId: "completion-tiny", request: { prompt: "Once" } },
      ],
    });
  });

  it("says which line is no such body, and why", async () => {
    const good = JSON.stringify({ model: "completion-tiny", prompt: "Once" });
    const problems = [
      ["{", "line 2 is no JSON"],
      ["[1]", "line 2 names no task"],
      ['{"model":"gpt-9"}', "line 2 is for a task that there is not; there are"],
      ['{"model":"chat-tiny","messages":7}', "line 2 is no request to chat-tiny: messages"],
    ] as const;
    for (const [line, problem] of problems) {
      const { path, found } = await read(good, line);
      expect(found).toEqual({ problem: expect.stringContaining(problem) });
      expect(await checkRequestsFile(path, registry)).toMatchObject([{ path: ["syntheticRequests", "file"] }]);
    }
    expect(await readRequestsFile(join(folder, "none"), registry)).toEqual({ problem: expect.stringContaining("cannot be read") });
    expect(await checkRequestsFile(undefined, registry)).toEqual([]);
  });
});
