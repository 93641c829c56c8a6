import { appendFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { ResultsSpool, SpooledResult } from "../ports/index.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { withSmallDisk } from "../testing/small-disk.js";
import { aCheck, aResult } from "../testing/store-samples.js";
import { createResultsFile } from "./results-file.js";

let root = "";
let folders = 0;
const newFolder = () => {
  folders += 1;
  return join(root, `${folders}`);
};

async function readAll(spool: ResultsSpool): Promise<readonly SpooledResult[]> {
  const all: SpooledResult[] = [];
  for await (const batch of spool.read()) all.push(...batch);
  return all;
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "vision-results-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe("createResultsFile", () => {
  it("keeps results and answers over processes until they are cleared", async () => {
    const folder = newFolder();
    const entries = [
      { result: aResult("r1", { reason: "line\nbreak \u2028 \0" }), check: aCheck("r1") },
      { result: aResult("r2", { outcome: "failed", blame: "miner", firstTokenMs: null }), check: null },
    ];
    expect(createResultsFile({ folder }, { logger: recordingLogger() }).save(entries)).toBe(2);
    expect(createResultsFile({ folder }, { logger: recordingLogger() }).save([{ result: aResult("r3"), check: null }])).toBe(1);
    const later = createResultsFile({ folder }, { logger: recordingLogger() });
    const found = await readAll(later);
    expect(found).toHaveLength(3);
    expect(found).toEqual(expect.arrayContaining(entries));
    await later.clear();
    expect(await readdir(folder)).toEqual([]);
    expect(await readAll(later)).toEqual([]);
  });

  it("reads what a process that was killed while it wrote has left, up to the line that is cut", async () => {
    const folder = newFolder();
    const logger = recordingLogger();
    const spool = createResultsFile({ folder }, { logger });
    spool.save([{ result: aResult("r1"), check: null }]);
    const [name = ""] = await readdir(folder);
    await appendFile(join(folder, name), '{"result":{"requestId":"r2","per');
    expect((await readAll(spool)).map(({ result }) => result.requestId)).toEqual(["r1"]);
    expect(logger.lines).toMatchObject([{ level: "warn", facts: { count: 1 } }]);
  });

  it("is bounded: a huge answer goes and its result stays, and so many bytes are never passed", async () => {
    const folder = newFolder();
    const spool = createResultsFile({ folder, maxBytes: 4_000 }, { logger: recordingLogger() });
    const huge = aCheck("r0", { answer: { kind: "images", imagesBase64: ["A".repeat(100_000)] } });
    const many = Array.from({ length: 50 }, (_, index) => ({ result: aResult(`r${index}`), check: index === 0 ? huge : null }));
    const kept = spool.save(many);
    expect(kept).toBeGreaterThan(5);
    expect(kept).toBeLessThan(20);
    const found = await readAll(spool);
    expect(found).toHaveLength(kept);
    expect(found[0]).toEqual({ result: aResult("r0"), check: null });
    expect(spool.save(many)).toBeLessThan(3);
  });

  it("said that it had kept all on a disk that was full: it says how many fitted, and throws where none did", async () => {
    const folder = newFolder();
    await withSmallDisk(folder, 64 * 1024, async () => {
      const logger = recordingLogger();
      const spool = createResultsFile({ folder }, { logger });
      const many = Array.from({ length: 1_000 }, (_, index) => ({ result: aResult(`r${index}`), check: null }));
      const kept = spool.save(many);
      expect(kept).toBeGreaterThan(100);
      expect(kept).toBeLessThan(many.length);
      expect(await readAll(spool)).toEqual(many.slice(0, kept));
      expect(() => spool.save(many)).toThrow("ENOSPC");
      expect({ files: await readdir(folder), lines: logger.lines }).toEqual({ files: [expect.any(String)], lines: [] });
    });
  });
});
