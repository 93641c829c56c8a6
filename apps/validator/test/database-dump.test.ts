import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import pg from "pg";
import { storedTables, unstoredTables } from "../src/adapters/dump/stored-tables.js";
import { claimDatabase, openPostgresStore } from "../src/adapters/postgres/index.js";
import { runCli } from "../src/commands/run-cli.js";
import { recordingLogger } from "../src/testing/recording-logger.js";
import { aCheck, anId, aPeriod, aPeriodReport, aProbe, aResult } from "../src/testing/store-samples.js";
import { startTestPostgres, type TestPostgres } from "../src/testing/test-postgres.js";
import { runVision, type VisionRun } from "./run-vision.js";

let postgres: TestPostgres;
let source = "";
let folder = "";
let file = "";
let dumpCount = 0;

/** Runs the command line on a database. `stopAt` tells it to stop as soon as it says so. */
function vision(url: string | null, argv: readonly string[], { stopAt = null as RegExp | null, PATH = "" } = {}): Promise<VisionRun> {
  return runVision(argv, { environment: url === null ? { PATH } : { DATABASE_URL: url, PATH }, workingDirectory: folder, stopAt });
}

async function query<Row extends pg.QueryResultRow>(url: string, text: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

/** Every row of every table as text, and where numbers go on. */
async function contents(url: string): Promise<unknown> {
  const present = await query<{ name: string }>(
    url,
    "select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'migrations'",
  );
  const tables = await Promise.all(
    present.map(async ({ name }) => [name, await query(url, `select t::text as row from ${name} t order by 1`)]),
  );
  const sequences = await query(url, "select sequencename, last_value from pg_sequences where schemaname = 'public' order by 1");
  return { sequences, ...Object.fromEntries(tables) };
}

const isEmpty = async (url: string) => (await query(url, "select 1 from pg_tables where schemaname = 'public'")).length === 0;

async function fill(url: string): Promise<void> {
  const store = await openPostgresStore({ url }, { logger: recordingLogger() });
  await store.switchPeriod(aPeriod(1), [aProbe()]);
  const ids = Array.from({ length: 50 }, (_, index) => `r${index}`);
  const hard = 'back\\slash \\. tab\t line\n quote " \u2028 \ud83d\ude80 \\N';
  await store.recordResults(
    ids.map((id) => aResult(anId(id))),
    [
      aCheck(anId("r1"), { request: { text: hard } }),
      aCheck(anId("r2"), { answer: { kind: "images", imagesBase64: ["A".repeat(500_000)] } }),
    ],
  );
  await store.savePeriodReport(aPeriodReport(1));
  await store.createApiKey({
    ...{ id: "key-1", name: hard, prefix: "vsn-abc", sha256Hex: "ab".repeat(32), who: "a test", nowMs: 1_763_000_000_000 },
    ...{ requestsPerMinute: 7, tokensPerMinute: null, concurrentRequests: 3 },
  });
  await store.switchPeriod(aPeriod(2), [aProbe()]);
  await store.close();
  await query(url, "select setval('check_turns', 4711)");
}

beforeAll(async () => {
  postgres = await startTestPostgres();
  folder = await mkdtemp(join(tmpdir(), "vision-dump-"));
  source = await postgres.createDatabase();
  await fill(source);
});
beforeEach(() => {
  dumpCount += 1;
  file = join(folder, `${dumpCount}.gz`);
});
afterAll(async () => {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("db dump and db restore", () => {
  it("bring every row of every table back, while a validator works on the database, for the owner alone", async () => {
    const claim = await claimDatabase(() => source, { logger: recordingLogger(), onLost: () => undefined });
    const dumped = await vision(source, ["db", "dump", file, "--json"]);
    await claim.release();
    expect(dumped).toMatchObject({ exitCode: 0, error: expect.stringContaining("results: 50 rows dumped") });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const said = JSON.parse(dumped.out) as { tables: { name: string; rows: number }[] };
    expect(said.tables.find(({ name }) => name === "results")).toEqual({ name: "results", rows: 50 });

    const target = await postgres.createDatabase({ isEmpty: true });
    const restored = await vision(target, ["db", "restore", file, "--json"]);
    expect({ exitCode: restored.exitCode, error: restored.error }).toMatchObject({
      exitCode: 0,
      error: expect.stringContaining("Restored."),
    });
    expect(JSON.parse(restored.out)).toMatchObject({ tables: said.tables, migrations: [] });
    expect(await contents(target)).toEqual(await contents(source));

    // The program works on it, and numbers go on where they were.
    const store = await openPostgresStore({ url: target }, { logger: recordingLogger() });
    await store.recordResults([aResult(anId("later"), { period: 2 })], [aCheck(anId("later"), { period: 2 })]);
    await store.close();
    const [newest] = await query<{ id: string }>(target, "select request_id as id from checks order by sequence desc limit 1");
    expect(newest?.id).toBe(anId("later"));
  });

  it("know every table that there is", async () => {
    const tables = await query<{ name: string }>(source, "select tablename as name from pg_tables where schemaname = 'public'");
    const known: readonly string[] = [...storedTables, ...unstoredTables, "migrations"];
    expect(tables.map(({ name }) => name).filter((name) => !known.includes(name))).toEqual([]);
  });

  it("see the database as it was at the beginning", async () => {
    const url = await postgres.createDatabase();
    await fill(url);
    const before = await contents(url);
    let writing: Promise<unknown> | null = null;
    const originalNow = Date.now();
    const dumped = await runCli(["db", "dump", file], {
      environment: { DATABASE_URL: url },
      workingDirectory: folder,
      writeOut: () => undefined,
      writeError: () => {
        writing ??= query(
          url,
          `insert into key_usage values (1, 1, 1, 0, 1, 'key-1', 'chat-tiny'); delete from results; select ${originalNow}`,
        );
      },
      signal: new AbortController().signal,
    });
    await writing;
    expect(dumped).toBe(0);
    const target = await postgres.createDatabase({ isEmpty: true });
    expect(await vision(target, ["db", "restore", file])).toMatchObject({ exitCode: 0 });
    expect(await contents(target)).toEqual(before);
  });

  it("make a data folder of their own on demand", async () => {
    await vision(source, ["db", "dump", file]);
    const restored = await vision(source, ["db", "restore", file, "--into-new", "restored"]);
    expect(restored).toMatchObject({ exitCode: 0, error: expect.stringContaining(join(folder, "restored")) });
    const again = await vision(source, ["db", "restore", file, "--into-new", "restored"]);
    expect(again).toMatchObject({ exitCode: 1, error: expect.stringContaining("STORE_NOT_EMPTY") });
    const size = await vision(null, ["db", "size", "--json", "--database-data-dir", "restored"]);
    expect(JSON.parse(size.out).tables).toContainEqual(expect.objectContaining({ name: "results", rows: 50 }));
  });
});

describe("db restore", () => {
  beforeEach(async () => {
    await vision(source, ["db", "dump", file]);
  });

  it("refuses a database that is not empty, or that a validator works on, and changes nothing", async () => {
    const used = await postgres.createDatabase();
    expect(await vision(used, ["db", "restore", file])).toMatchObject({ exitCode: 1, error: expect.stringContaining("STORE_NOT_EMPTY") });
    const others = await postgres.createDatabase({ isEmpty: true });
    await query(others, "create table customers (id int)");
    expect(await vision(others, ["db", "restore", file])).toMatchObject({ exitCode: 1, error: expect.stringContaining("customers") });
    const claim = await claimDatabase(() => used, { logger: recordingLogger(), onLost: () => undefined });
    expect(await vision(used, ["db", "restore", file])).toMatchObject({ exitCode: 1, error: expect.stringContaining("STORE_IN_USE") });
    await claim.release();
    expect(await query(used, "select 1 from results")).toEqual([]);
  });

  const lines = (bytes: Buffer) => bytes.toString("latin1").split("\n");
  const changed = (change: (text: string) => string) => (bytes: Buffer) =>
    gzipSync(Buffer.from(change(gunzipSync(bytes).toString("latin1")), "latin1"));
  const attacks: readonly (readonly [string, (bytes: Buffer) => Buffer, RegExp])[] = [
    ["cut in half", (bytes) => bytes.subarray(0, bytes.length / 2), /ends too early/],
    ["without its last bytes", (bytes) => bytes.subarray(0, -4), /ends too early|damaged/],
    [
      "with a flipped bit",
      (bytes) => Buffer.concat([bytes.subarray(0, 600), Buffer.from([(bytes[600] ?? 0) ^ 8]), bytes.subarray(601)]),
      /cannot be used/,
    ],
    ["empty", () => Buffer.alloc(0), /ends too early/],
    ["something else", () => Buffer.from("pg_dump\n"), /damaged, or no dump/],
    ["something else, compressed", () => gzipSync("pg_dump\n"), /does not begin as a dump/],
    [
      "with another number in a row",
      changed((text) => text.replace(/^key-1\t(.*)\t7\t/m, "key-1\t$1\t9\t")),
      /api_keys are not those that were dumped/,
    ],
    ["without a row", changed((text) => text.replace(/^key-1\t.*\n/m, "")), /0 of 1/],
    ["with a header of another time", changed((text) => text.replace(/"createdAtMs":\d/, '"createdAtMs":9')), /its digest is another/],
    ["of a newer schema", changed((text) => text.replace(/"schema":\d+/, '"schema":9999')), /knows only up to/],
    ["of an older schema than its tables", changed((text) => text.replace(/"schema":\d+/, '"schema":5')), /not those of schema 5/],
    ["with a table of its own", changed((text) => text.replace('"name":"series"', '"name":"pg_authid"')), /no validator has/],
    ["with SQL for a name", changed((text) => text.replace('"name":"series"', '"name":"series; drop table x"')), /does not begin as/],
    ["without its end", changed((text) => `${lines(Buffer.from(text, "latin1")).slice(0, -2).join("\n")}\n`), /ends too early/],
    ["with more after its end", changed((text) => `${text}more\n`), /something follows/],
  ];
  it.each(attacks)("refuses a dump %s, and leaves the database as empty as it was", async (_what, attack, reason) => {
    const bytes = await readFile(file);
    const damaged = attack(bytes);
    expect(damaged.equals(bytes)).toBe(false);
    await writeFile(`${file}.damaged`, damaged);
    const target = await postgres.createDatabase({ isEmpty: true });
    const restored = await vision(target, ["db", "restore", `${file}.damaged`]);
    expect(restored).toMatchObject({ exitCode: 1, error: expect.stringContaining("STORE_DUMP_INVALID") });
    expect(restored.error).toMatch(reason);
    expect(await isEmpty(target)).toBe(true);
  });

  it("refuses what another database had in such tables", async () => {
    const other = await postgres.createDatabase();
    await query(other, "alter table key_usage alter column day type text");
    await query(other, "insert into key_usage values (1, 1, 1, 0, 'monday', 'key-1', 'chat-tiny')");
    expect(await vision(other, ["db", "dump", `${file}.other`])).toMatchObject({ exitCode: 0 });
    const target = await postgres.createDatabase({ isEmpty: true });
    const restored = await vision(target, ["db", "restore", `${file}.other`]);
    expect(restored).toMatchObject({ exitCode: 1, error: expect.stringContaining("a row of key_usage is refused by the database") });
    expect(await isEmpty(target)).toBe(true);
  });

  it("leaves nothing when it is stopped, and says so", async () => {
    const target = await postgres.createDatabase({ isEmpty: true });
    const stopped = await vision(target, ["db", "restore", file], { stopAt: /rows restored/ });
    expect(stopped).toMatchObject({ exitCode: 1, error: expect.stringContaining("nothing was restored") });
    expect(await isEmpty(target)).toBe(true);
    expect(await vision(target, ["db", "restore", file])).toMatchObject({ exitCode: 0 });
  });

  it("says which file is missing", async () => {
    expect(await vision(source, ["db", "restore", "none.gz"])).toMatchObject({ exitCode: 1, error: expect.stringContaining("none.gz") });
  });
});

describe("db dump", () => {
  it("replaces no file, and leaves none behind when it cannot be written or is stopped", async () => {
    await writeFile(file, "mine");
    const there = await vision(source, ["db", "dump", file]);
    expect(there).toMatchObject({ exitCode: 1, error: expect.stringContaining("STORE_DUMP_UNWRITABLE") });
    expect(await readFile(file, "utf8")).toBe("mine");
    const nowhere = await vision(source, ["db", "dump", join(folder, "no", "such.gz")]);
    expect(nowhere).toMatchObject({ exitCode: 1, error: expect.stringContaining("STORE_DUMP_UNWRITABLE") });
    const stopped = await vision(source, ["db", "dump", `${file}.2`], { stopAt: /dumped/ });
    expect(stopped).toMatchObject({ exitCode: 1, error: expect.stringContaining("no dump was left") });
    expect((await readdir(folder)).filter((name) => name.startsWith(`${dumpCount}.gz.`))).toEqual([]);
  });

  it("removes what one that was killed left", async () => {
    await writeFile(`${file}.4194999.partial`, "half");
    expect(await vision(source, ["db", "dump", file])).toMatchObject({ exitCode: 0 });
    expect((await readdir(folder)).filter((name) => name.endsWith(".partial"))).toEqual([]);
  });

  it("says so where there is nothing, or a newer schema", async () => {
    const empty = await postgres.createDatabase({ isEmpty: true });
    expect(await vision(empty, ["db", "dump", file])).toMatchObject({ exitCode: 4, out: "" });
    expect(await vision(null, ["db", "dump", file, "--database-data-dir", "none"])).toMatchObject({ exitCode: 4 });
    expect(await vision(null, ["db", "size", "--database-data-dir", "none"])).toMatchObject({ exitCode: 4 });
    const newer = await postgres.createDatabase();
    await query(newer, "insert into migrations values (9999, 'from the future', 0)");
    expect(await vision(newer, ["db", "dump", file])).toMatchObject({
      exitCode: 1,
      error: expect.stringContaining("STORE_MIGRATION_FAILED"),
    });
    expect(await vision("postgresql://me:hunter2@127.0.0.1:1/x", ["db", "dump", file])).toMatchObject({ exitCode: 3 });
  });
});

describe("db size", () => {
  it("counts rows and bytes, and estimates a day from the periods that are closed", async () => {
    const size = JSON.parse((await vision(source, ["db", "size", "--json"])).out);
    const period = aPeriod(1);
    expect(size).toMatchObject({ periods: 1, estimatedFromMs: period.endsAtMs - period.startsAtMs });
    const results = size.tables.find(({ name }: { name: string }) => name === "results");
    expect(results).toMatchObject({ rows: 50 });
    expect(results.bytesPerDay).toBe(Math.round((results.bytes * 86_400_000) / size.estimatedFromMs));
    expect(size.tables.find(({ name }: { name: string }) => name === "checks").bytesPerDay).toBeNull();
    expect((await vision(source, ["db", "size"])).out).toMatch(/results +50 [\s\S]* 1 closed periods\. A day adds some/);
  });
});

describe("db shell", () => {
  const url = "postgresql://me:hunter%202@127.0.0.1:5433/vision";

  it("gives psql the address in its arguments and the password in its environment alone", async () => {
    const bin = join(folder, "bin");
    await mkdir(bin, { recursive: true });
    await writeFile(join(bin, "psql"), `#!/bin/sh\necho "$PGPASSWORD|$*" > ${join(folder, "psql.said")}\n[ "$2" != "-x" ]\n`);
    await chmod(join(bin, "psql"), 0o755);
    expect(await vision(url, ["db", "shell"], { PATH: bin })).toMatchObject({ exitCode: 0 });
    expect(await readFile(join(folder, "psql.said"), "utf8")).toBe("hunter 2|postgresql://me@127.0.0.1:5433/vision\n");
    expect(await vision(url, ["db", "shell", "--", "-x"], { PATH: bin })).toMatchObject({ exitCode: 1 });
  });

  it("says how to connect where there is no psql, without the password", async () => {
    const told = await vision(url, ["db", "shell"], { PATH: join(folder, "nothing") });
    expect(told).toMatchObject({ exitCode: 1, error: expect.stringMatching(/no psql[\s\S]*port: 5433[\s\S]*user: me/) });
    expect(told.error).not.toContain("hunter");
  });
});
