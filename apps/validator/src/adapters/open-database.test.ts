import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { recordingLogger } from "../testing/recording-logger.js";
import { aPeriod } from "../testing/store-samples.js";
import { type Database, openDatabase } from "./open-database.js";

let dataDir = "";
const opened: Database[] = [];
const never = () => {
  throw new Error("the claim was lost");
};

async function open(): Promise<Database> {
  const database = await openDatabase({ dataDir }, { logger: recordingLogger(), signal: new AbortController().signal });
  opened.push(database);
  return database;
}

beforeAll(async () => {
  dataDir = join(await mkdtemp(join(tmpdir(), "vision-open-database-")), "state");
});
afterAll(async () => {
  for (const database of opened) await database.close();
  await rm(join(dataDir, ".."), { recursive: true, force: true });
});

describe("a second validator on one data folder", () => {
  it("stopped the first one's database: it refuses instead, and a command that started the server leaves it to who claimed it", async () => {
    const command = await open();
    const first = await open();
    await first.claim(never);
    await command.close();
    // The claim stands in nobody's way.
    await first.store.switchPeriod(aPeriod(1), []);
    expect(await first.store.getOpenPeriod()).toMatchObject({ period: 1 });

    const second = await open();
    await expect(second.claim(never)).rejects.toMatchObject({ code: "STORE_IN_USE", hint: expect.stringContaining("database.dataDir") });
    await second.close();
    expect(await first.store.getOpenPeriod()).toMatchObject({ period: 1 });

    await first.close();
    const next = await open();
    await next.claim(never);
    expect(await next.store.getOpenPeriod()).toMatchObject({ period: 1 });
  });
});
