import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { recordingLogger } from "../testing/recording-logger.js";
import { withSmallDisk } from "../testing/small-disk.js";
import { anId } from "../testing/store-samples.js";
import { createUsageFile } from "./usage-file.js";

const DAY_MS = 86_400_000;
const use = { keyId: "one", taskId: "chat-tiny", day: 20_000, requests: 2, errors: 1, promptTokens: 3.5, units: 40 };
const aWrite = (writer: string, sequence: number) => ({ writer: anId(writer), sequence, uses: [{ ...use, units: sequence }] });

let folder: string;
let nowMs = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "usage-"));
  nowMs = 1_000;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (logger = recordingLogger()) => createUsageFile({ folder: join(folder, "data"), nowMs: () => nowMs }, { logger });

describe("createUsageFile", () => {
  it("keeps writes of several processes until they are forgotten, in the order in which they were left", () => {
    expect(open().read()).toEqual([]);
    open().save(aWrite("b", 1));
    nowMs += 1;
    open().save(aWrite("a", 7));
    open().save(aWrite("a", 8));
    const spool = open();
    expect(spool.read()).toEqual([aWrite("b", 1), aWrite("a", 7), aWrite("a", 8)]);
    expect(open().read()).toHaveLength(3);
    spool.save(aWrite("c", 1));
    spool.clear();
    expect(open().read()).toEqual([aWrite("c", 1)]);
  });

  it("leaves out what is no such write, and what the store may have forgotten that it has", () => {
    open().save(aWrite("old", 1));
    nowMs += 29 * DAY_MS + 1;
    open().save(aWrite("new", 1));
    const data = join(folder, "data");
    writeFileSync(join(data, "unwritten-usage-cut.json"), '{"savedAtMs":1,"writer"');
    const negative = { ...aWrite("negative", 1), uses: [{ ...use, units: -40 }] };
    writeFileSync(join(data, "unwritten-usage-negative.json"), JSON.stringify({ savedAtMs: nowMs, ...negative }));
    writeFileSync(join(data, "other.json"), "{}");
    const logger = recordingLogger();
    const spool = open(logger);
    expect(spool.read()).toEqual([aWrite("new", 1)]);
    expect(logger.lines.filter(({ level }) => level === "warn")).toHaveLength(3);
    spool.clear();
    expect(readdirSync(data)).toEqual(["other.json"]);
  });

  it("took half of a write for the whole where the disk was full: it throws, and leaves nothing", async () => {
    const data = join(folder, "data");
    await withSmallDisk(data, 16 * 1024, async () => {
      const write = aWrite("a", 1);
      expect(() => open().save({ ...write, uses: Array.from({ length: 1_000 }, () => use) })).toThrow("ENOSPC");
      expect(readdirSync(data)).toEqual([]);
    });
  });
});
