import pg from "pg";
import { DAY_MS } from "../../domain/calendar.js";
import { guard } from "../postgres/store-error.js";
import { listTables, quoted } from "./copy-session.js";
import { storedTables } from "./stored-tables.js";

const CONNECT_MS = 5_000;
const QUERY_MS = 600_000;
/** Of less a day cannot be told: a table's first rows take whole pages. */
const LEAST_RECORD_MS = 3_600_000;

/** What come and go within a period, or are bounded in number, are no growth. */
const passing: readonly string[] = ["checks", "weight_sets"];

/** What a database takes on the disk. */
type DatabaseSize = {
  /** All of it, with what the server itself keeps. */
  readonly bytes: number;
  /** Largest first. `bytes` is with indexes and long values, `indexBytes` of these. `bytesPerDay`: what a day adds; null where it does not grow. */
  readonly tables: readonly {
    readonly name: string;
    readonly rows: number;
    readonly bytes: number;
    readonly indexBytes: number;
    readonly bytesPerDay: number | null;
  }[];
  /** Closed periods that are stored. */
  readonly periods: number;
  /** How much of the record the growth is estimated from: its last day, or all of it, milliseconds; 0 before a period has closed. */
  readonly estimatedFromMs: number;
  /** Null before closed periods of an hour are on record. */
  readonly bytesPerDay: number | null;
};

/**
 * Measures the validator's tables, and estimates from the closed periods of the last day (of the record, not of the clock) how much a day
 * adds, before what is older is deleted.
 *
 * @returns Null for a database that no validator has worked on. @throws VisionError `STORE_UNREACHABLE`.
 */
export async function measureDatabase(url: string): Promise<DatabaseSize | null> {
  return guard(async () => {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS, query_timeout: QUERY_MS });
    client.on("error", () => undefined);
    await client.connect();
    try {
      return await measure(client);
    } finally {
      await client.end();
    }
  });
}

async function measure(client: pg.Client): Promise<DatabaseSize | null> {
  const present = await listTables(client, storedTables);
  if (!present.some(({ name }) => name === "periods")) return null;
  const { rows: whole } = await client.query<{ bytes: string }>("select pg_database_size(current_database()) as bytes");
  const { rows: record } = await client.query<{ periods: string; first: string | null; starts: string | null; ends: string | null }>(
    `with newest as (select max(ends_at_ms) as ends from periods where not is_open)
     select count(*) as periods, min(period) filter (where starts_at_ms >= ends - $1) as first, min(starts_at_ms) filter (where starts_at_ms >= ends - $1) as starts,
       max(ends) as ends from periods, newest where not is_open`,
    [DAY_MS],
  );
  const estimatedFromMs = Number(record[0]?.ends ?? 0) - Number(record[0]?.starts ?? 0);
  const first = estimatedFromMs < LEAST_RECORD_MS ? null : (record[0]?.first ?? null);
  const tables = [];
  for (const { name, columns } of present) {
    const isGrowing = first !== null && columns.includes("period") && !passing.includes(name);
    const recent = isGrowing ? `count(*) filter (where period >= ${Number(first)})` : "0";
    const { rows } = await client.query<{ rows: string; recent: string; bytes: string; indexes: string }>(
      `select count(*) as rows, ${recent} as recent, pg_total_relation_size($1::regclass) as bytes, pg_indexes_size($1::regclass) as indexes from ${quoted(name)}`,
      [quoted(name)],
    );
    const { rows: count, recent: recentCount, bytes, indexes } = rows[0] ?? { rows: "0", recent: "0", bytes: "0", indexes: "0" };
    const share = Number(count) === 0 || first === null ? 0 : (Number(recentCount) / Number(count)) * (DAY_MS / estimatedFromMs);
    const bytesPerDay = isGrowing ? Math.round(Number(bytes) * share) : null;
    tables.push({ name, rows: Number(count), bytes: Number(bytes), indexBytes: Number(indexes), bytesPerDay });
  }
  return {
    bytes: Number(whole[0]?.bytes ?? 0),
    tables: tables.sort((a, b) => b.bytes - a.bytes),
    periods: Number(record[0]?.periods ?? 0),
    estimatedFromMs,
    bytesPerDay: first === null ? null : tables.reduce((sum, table) => sum + (table.bytesPerDay ?? 0), 0),
  };
}
