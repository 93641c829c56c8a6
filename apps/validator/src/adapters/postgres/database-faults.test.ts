import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import type { Store } from "../../ports/index.js";
import { recordingLogger } from "../../testing/recording-logger.js";
import { aCheck, anId, aPeriod, aProbe, aResult } from "../../testing/store-samples.js";
import { startTestPostgres, type TestPostgres } from "../../testing/test-postgres.js";
import { claimDatabase } from "./claim-database.js";
import { createPool, type PoolOptions } from "./create-pool.js";
import { openPostgresStore } from "./open-postgres-store.js";

let postgres: TestPostgres;
const closers: (() => Promise<void>)[] = [];
const logger = recordingLogger();

async function open(options: PoolOptions): Promise<Store> {
  const store = await openPostgresStore(options, { logger });
  closers.push(() => store.close());
  return store;
}

function openPool(options: PoolOptions) {
  const pool = createPool(options, { logger });
  closers.push(() => pool.end());
  return pool;
}

/** Stops the server's processes that serve a database, as a disk that hangs would; the returned function lets them go on. */
async function hang(url: string): Promise<() => void> {
  const pool = createPool({ url, maxConnections: 1 }, { logger });
  const { rows } = await pool.query<{ pid: number }>(
    "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
  );
  await pool.end();
  for (const { pid } of rows) process.kill(pid, "SIGSTOP");
  return () => {
    for (const { pid } of rows) process.kill(pid, "SIGCONT");
  };
}

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});
afterAll(() => postgres.stop());

describe("a lost connection", () => {
  it("ended the program when its client was checked out: an error event without a listener", async () => {
    const pool = openPool({ url: await postgres.createDatabase() });
    const client = await pool.connect();
    const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
    const ended = new Promise((resolve) => client.once("end", resolve));
    await postgres.execute(`select pg_terminate_backend(${rows[0]?.pid})`);
    await ended;
    client.release();
    expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  });

  it("is made again where the server is then: the address was read only once", async () => {
    const right = await postgres.createDatabase();
    let url = right;
    const pool = openPool({ url: () => url, maxConnections: 2 });
    await pool.query("select 1");
    url = "postgresql://127.0.0.1:1/moved";
    const [client] = await Promise.all([pool.connect(), expect(pool.connect()).rejects.toThrow("ECONNREFUSED")]);
    client.release();
    url = right;
    const clients = await Promise.all([pool.connect(), pool.connect()]);
    for (const each of clients) each.release();
  });
});

describe("an ill database", () => {
  // EIO, disk full and quota, internal error, damaged page, wrong state, lock, feature, a trigger's exception, rights, limits, cancelled.
  const codes = ["58030", "53100", "XX000", "XX001", "55000", "55P03", "0A000", "P0001", "42501", "54000", "57014", "40003"];

  it.each(codes)("threw results away at SQLSTATE %s: nothing is lost but what classes 22 and 23 refuse", async (code) => {
    const url = await postgres.emptyDatabase();
    const store = await open({ url });
    await store.switchPeriod(aPeriod(1), [aProbe()]);
    const pool = openPool({ url, maxConnections: 1 });
    await pool.query(
      `create or replace function ill() returns trigger language plpgsql as $$ begin raise exception 'ill' using errcode = '${code}'; end $$`,
    );
    await pool.query("create trigger ill before insert on results for each statement execute function ill()");
    const results = ["r1", "r2", "r3"].map((id) => aResult(anId(id)));
    try {
      await expect(store.recordResults(results, [aCheck(anId("r2"))])).rejects.toThrow("ill");
    } finally {
      await pool.query("drop trigger ill on results");
    }
    await store.recordResults(results, [aCheck(anId("r2"))]);
    expect((await store.getOpenPeriod())?.probes[0]).toMatchObject({ requests: 3 });
    expect(await store.countPendingChecks()).toBe(1);
  });
});

describe("a hung database", () => {
  it("held every caller for half a minute or for ever: each gets STORE_UNREACHABLE within its limit, and the next connection works", async () => {
    const url = await postgres.createDatabase();
    const store = await open({ url, maxConnections: 2, statementTimeoutMs: 100 });
    await store.switchPeriod(aPeriod(1), [aProbe()]);
    const goOn = await hang(url);
    try {
      await expect(store.getOpenPeriod()).rejects.toMatchObject({ code: "STORE_UNREACHABLE" });
      // Its connection was not put back: the one made now is served.
      expect(await store.getOpenPeriod()).toMatchObject({ period: 1 });
    } finally {
      goOn();
    }
  });

  it("does not even greet: connecting has a limit of its own", async () => {
    const url = await postgres.createDatabase();
    const store = await open({ url, connectTimeoutMs: 100, statementTimeoutMs: 100 });
    const goOn = await hang(url);
    process.kill(postgres.server.pid(), "SIGSTOP");
    try {
      const work = [
        store.getOpenPeriod(),
        store.findApiKey("none"),
        store.recordResults([aResult(anId("r1"))], []),
        store.getNewestPeriod(),
      ];
      for (const each of await Promise.allSettled(work))
        expect(each).toMatchObject({ status: "rejected", reason: { code: "STORE_UNREACHABLE" } });
    } finally {
      process.kill(postgres.server.pid(), "SIGCONT");
      goOn();
    }
    expect(await store.getNewestPeriod()).toBeNull();
  });

  it("let no program end: its claim is given up all the same, and statements under way are cut", async () => {
    const url = await postgres.createDatabase();
    const claim = await claimDatabase(() => url, { logger, onLost: () => undefined });
    const pool = createPool({ url, statementTimeoutMs: 3_600_000 }, { logger });
    const client = await pool.connect();
    const goOn = await hang(url);
    try {
      const asked = client.query("select 1").finally(() => client.release(true));
      await Promise.all([claim.release(), pool.end(), expect(asked).rejects.toThrow("Connection terminated")]);
    } finally {
      goOn();
    }
  });
});
