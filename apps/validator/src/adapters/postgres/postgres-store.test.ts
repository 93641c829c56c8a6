import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { VisionError } from "@vision/protocol";
import type { Store } from "../../ports/index.js";
import { recordingLogger } from "../../testing/recording-logger.js";
import { describeStoreContract } from "../../testing/store-contract/store-contract.js";
import { aCheck, anId, aPeriod, aProbe, aResult } from "../../testing/store-samples.js";
import { startTestPostgres, type TestPostgres } from "../../testing/test-postgres.js";
import { createPool } from "./create-pool.js";
import { migrate } from "./migrate.js";
import { migrations } from "./migrations/index.js";
import { openPostgresStore } from "./open-postgres-store.js";
import { recordResults } from "./record-results.js";

let postgres: TestPostgres;
const opened: Store[] = [];
const logger = recordingLogger();

async function open(url: string): Promise<Store> {
  const store = await openPostgresStore({ url }, { logger });
  opened.push(store);
  return store;
}

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
});
afterAll(() => postgres.stop());

describeStoreContract("PostgreSQL", async () => open(await postgres.emptyDatabase()));

describe("migrate", () => {
  it("is done once by many processes that start at the same time", async () => {
    const url = await postgres.createDatabase({ isEmpty: true });
    const pools = Array.from({ length: 4 }, () => createPool({ url, maxConnections: 1 }, { logger }));
    const applied = await Promise.all(pools.map((pool) => migrate(pool)));
    expect(applied.flat()).toEqual(migrations.map((migration) => migration.number));
    await Promise.all(pools.map((pool) => pool.end()));
  });

  it("leaves nothing of a step that fails", async () => {
    const pool = createPool({ url: await postgres.createDatabase() }, { logger });
    const broken = { number: 9_999, name: "broken", sql: "create table half (n int); select no_such_function()" };
    await expect(migrate(pool, [...migrations, broken])).rejects.toMatchObject({ code: "STORE_MIGRATION_FAILED" });
    const { rows } = await pool.query("select to_regclass('half') as found");
    expect(rows).toEqual([{ found: null }]);
    await pool.end();
  });

  it("gives samples of before the timing of their result, and drops those without one", async () => {
    const url = await postgres.createDatabase({ isEmpty: true });
    const pool = createPool({ url }, { logger });
    await migrate(
      pool,
      migrations.filter(({ number }) => number < 3),
    );
    await pool.query("insert into results values ($1, 1, 'alice', 'chat-tiny', false, 'ok', 'nobody', null, 50, 40, 1, 12.5, 250.25)", [
      anId("r1"),
    ]);
    for (const id of [anId("r1"), anId("lost")]) {
      await pool.query(
        "insert into samples (request_id, period, hotkey, task_id, quality_fraction, speed_factor, reasons) values ($1, 1, 'alice', 'chat-tiny', 0.5, 1.1, '{}')",
        [id],
      );
    }
    await migrate(pool);
    const { rows } = await pool.query("select request_id, quality_fraction, first_token_ms, duration_ms, units from samples");
    expect(rows).toEqual([{ request_id: anId("r1"), quality_fraction: 0.5, first_token_ms: 12.5, duration_ms: 250.25, units: 40 }]);
    await pool.end();
  });

  it("refuses a database of a newer program", async () => {
    const pool = createPool({ url: await postgres.createDatabase() }, { logger });
    await pool.query("insert into migrations values (9999, 'from the future', 0)");
    await expect(migrate(pool)).rejects.toMatchObject({ code: "STORE_MIGRATION_FAILED", facts: { present: 9_999 } });
    await pool.end();
  });
});

describe("recordResults", () => {
  it("loses only the row that the database refuses, and says so", async () => {
    const url = await postgres.createDatabase();
    const store = await open(url);
    await store.switchPeriod(aPeriod(1), [aProbe()]);
    const pool = createPool({ url }, { logger });
    await pool.query(`alter table results add constraint refuses_one check (request_id <> '${anId("r3")}')`);
    const batchLogger = recordingLogger();
    const results = ["r1", "r2", "r3", "r4", "r5"].map((id) => aResult(anId(id)));
    await recordResults(pool, { results, checks: [] }, batchLogger);
    expect((await store.getOpenPeriod())?.probes[0]).toMatchObject({ requests: 4 });
    expect(batchLogger.lines).toMatchObject([{ level: "error", facts: { requestId: anId("r3") } }]);
    await pool.end();
  });
});

describe("recordResults of what cannot be serialised", () => {
  it("a RangeError was no outage and no bad value, and the batch was retried for ever: only that check is given up", async () => {
    const url = await postgres.createDatabase();
    const store = await open(url);
    await store.switchPeriod(aPeriod(1), [aProbe()]);
    let deep: unknown = 0;
    for (let depth = 0; depth < 200_000; depth += 1) deep = [deep];
    const ids = ["r1", "r2", "r3"];
    const checks = ids.map((id) => aCheck(anId(id), id === "r2" ? { request: { deep } } : {}));
    await store.recordResults(
      ids.map((id) => aResult(anId(id))),
      checks,
    );
    expect((await store.getOpenPeriod())?.probes[0]).toMatchObject({ requests: 3 });
    expect(await store.countPendingChecks()).toBe(2);
  });

  it("writes 20 MB of answers in several statements", async () => {
    const store = await open(await postgres.createDatabase());
    await store.switchPeriod(aPeriod(1), [aProbe()]);
    const ids = Array.from({ length: 20 }, (_, index) => `r${index}`);
    const answer = { kind: "images" as const, imagesBase64: ["A".repeat(1_000_000)] };
    await store.recordResults(
      ids.map((id) => aResult(anId(id))),
      ids.map((id) => aCheck(anId(id), { answer })),
    );
    expect(await store.countPendingChecks()).toBe(20);
  });
});

describe("an outage", () => {
  it("makes calls fail with STORE_UNREACHABLE, and they work again when the server is back", async () => {
    const store = await open(await postgres.createDatabase());
    await store.switchPeriod(aPeriod(1), [aProbe()]);
    process.kill(postgres.server.pid(), "SIGKILL");

    const attempt = (requestId: string) =>
      store.recordResults([aResult(anId(requestId))], []).then(
        () => null,
        (error: unknown) => error,
      );
    // Sessions of the killed server may still answer for a moment.
    let recorded = 0;
    let refusal: unknown = null;
    while (refusal === null) {
      refusal = await attempt(`r${recorded}`);
      if (refusal === null) recorded += 1;
    }
    while (refusal !== null) {
      expect(VisionError.isInstance(refusal, "STORE_UNREACHABLE")).toBe(true);
      await new Promise((resolve) => setTimeout(resolve, 20)); // polls an outside process
      refusal = await attempt(`r${recorded}`);
    }
    expect((await store.getOpenPeriod())?.probes[0]).toMatchObject({ requests: recorded + 1 });
  });

  it("names what to do when there is no server", async () => {
    await expect(openPostgresStore({ url: "postgresql://someone:secret@127.0.0.1:1/none" }, { logger })).rejects.toMatchObject({
      code: "STORE_UNREACHABLE",
      message: expect.not.stringContaining("secret"),
    });
  });
});
