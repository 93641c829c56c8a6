import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { readPostmasterFile } from "../../src/adapters/embedded-postgres/postmaster-file.js";

/** What a validator's embedded database holds, read in connections of its own: the server is struck as well. */
export type ValidatorRecord = {
  query<Row extends pg.QueryResultRow>(text: string): Promise<readonly Row[]>;
  newestPeriod(): Promise<number>;
  countPeriods(): Promise<number>;
  /** What a miner was blamed for, and how often. */
  readFailures(hotkey: string): Promise<readonly unknown[]>;
  /** 0 where none runs. */
  serverPid(): Promise<number>;
};

/** Reads the database in a validator's data folder, or in a copy of it. */
export function readRecord(dataDir: string): ValidatorRecord {
  async function query<Row extends pg.QueryResultRow>(text: string): Promise<readonly Row[]> {
    const [password, port] = await Promise.all([readFile(join(dataDir, "password"), "utf8"), readFile(join(dataDir, "port"), "utf8")]);
    const client = new pg.Client({
      ...{ host: "127.0.0.1", port: Number(port), user: "vision", password: password.trim(), database: "postgres" },
      ...{ connectionTimeoutMillis: 10_000, query_timeout: 10_000 },
    });
    client.on("error", () => undefined);
    try {
      await client.connect();
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
  const numberOf = async (text: string) => Number((await query<{ value: string }>(text))[0]?.value);

  return {
    query,
    newestPeriod: () => numberOf("select coalesce(max(period), 0) as value from periods"),
    countPeriods: () => numberOf("select count(*) as value from periods"),
    readFailures: (hotkey) =>
      query(`
        select outcome, reason, count(*)::int as times from results join series on series.id = series_id
        where hotkey = '${hotkey}' and outcome <> 'o' and blame = 'm' group by outcome, reason order by outcome, reason`),
    serverPid: async () => (await readPostmasterFile(join(dataDir, "cluster")))?.pid ?? 0,
  };
}
