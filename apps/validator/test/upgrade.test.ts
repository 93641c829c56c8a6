import { readdirSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import pg from "pg";
import { openDump, restoreFromDump } from "../src/adapters/dump/index.js";
import { openPostgresStore } from "../src/adapters/postgres/index.js";
import { migrations } from "../src/adapters/postgres/migrations/index.js";
import { recordingLogger } from "../src/testing/recording-logger.js";
import { startTestPostgres, type TestPostgres } from "../src/testing/test-postgres.js";

/** One dump of each schema that a release had, made by `vision-validator db dump`: see CONTRIBUTING.md. */
const folder = join(import.meta.dirname, "schemas");
const fixtures = readdirSync(folder).filter((name) => name.endsWith(".dump.gz"));
const newest = migrations.at(-1)?.number ?? 0;

/** Everything that the server knows of the tables' form. */
const form = `
select c.relname::text as of, a.attnum::int as place, a.attname::text as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as fixed,
  a.attidentity::text as identity, pg_get_expr(d.adbin, d.adrelid) as value
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
union all
select tablename, 0, indexname, indexdef, false, '', null from pg_indexes where schemaname = 'public' order by 1, 2, 3`;

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

async function readForm(url: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(form)).rows;
  } finally {
    await client.end();
  }
}

describe("an upgrade", () => {
  it("is tried from a schema at least", () => expect(fixtures).not.toEqual([]));

  it.each(fixtures)("brings %s to the schema of now, with its scores, reports, keys and answers readable", async (name) => {
    const opened = await openDump(join(folder, name));
    expect(name).toBe(`schema-${String(opened.header.schema).padStart(4, "0")}.dump.gz`);
    const url = await postgres.createDatabase({ isEmpty: true });
    const { migrations: applied } = await restoreFromDump(url, opened, {
      onProgress: () => undefined,
      signal: new AbortController().signal,
    });
    opened.close();
    expect(applied).toEqual(migrations.map(({ number }) => number).filter((number) => number > opened.header.schema));
    expect(opened.header.schema + applied.length).toBe(newest);
    expect(await readForm(url)).toEqual(await readForm(await postgres.createDatabase()));

    const store = await openPostgresStore({ url }, { logger: recordingLogger() });
    try {
      const report = await store.getLatestPeriodReport();
      expect(report?.miners.length).toBeGreaterThan(0);
      const epoch = await store.getLatestEpoch();
      expect(epoch?.report.miners.length).toBeGreaterThan(0);
      const inputs = await store.getScoringInputs(epoch?.period ?? -1);
      expect(JSON.parse(gunzipSync(inputs ?? "").toString()).observations.series.length).toBeGreaterThan(0);
      const series = await store.getSeries({ fromPeriod: 0, samplesPerSeries: 64, isOpenPeriodIncluded: true });
      expect(series.some(({ samples }) => samples.length > 0)).toBe(true);
      expect((await store.getPeriodRequests(report?.period ?? -1))?.dots.length).toBeGreaterThan(0);
      expect((await store.listApiKeys()).length).toBeGreaterThan(0);
      expect(await store.getOpenPeriod()).not.toBeNull();
    } finally {
      await store.close();
    }
  });
});
