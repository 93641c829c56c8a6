import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type pg from "pg";
import { recordingLogger } from "../../testing/recording-logger.js";
import { anId } from "../../testing/store-samples.js";
import { startTestPostgres, type TestPostgres } from "../../testing/test-postgres.js";
import { createPool } from "./create-pool.js";
import { migrate } from "./migrate.js";
import { migrations } from "./migrations/index.js";
import { createUsageTable } from "./usage-table.js";

const logger = recordingLogger();
const dayOf = (date: string) => Date.parse(date) / 86_400_000;
const monthOf = (year: number, month: number) => (year - 1970) * 12 + month - 1;

describe("what keys are charged", () => {
  let postgres: TestPostgres;
  const pools: pg.Pool[] = [];
  beforeAll(async () => {
    postgres = await startTestPostgres();
  }, 60_000);
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end()));
    await postgres.stop();
  });
  const connect = async () => {
    const pool = createPool({ url: await postgres.createDatabase({ isEmpty: true }), maxConnections: 8 }, { logger });
    pools.push(pool);
    return pool;
  };
  const differences = `
    select key_id from (select key_id, sum(units) as units from key_usage group by key_id) used
    full join (select key_id, sum(units) as units from key_charges group by key_id) charged using (key_id)
    where used.units is distinct from charged.units`;

  it("begins with what the log of before says, by calendar month", async () => {
    const pool = await connect();
    await migrate(
      pool,
      migrations.filter(({ number }) => number < 19),
    );
    const uses = [
      ["one", "2024-02-29", 1],
      ["one", "2026-11-01", 20],
      ["one", "2026-11-30", 300],
      ["one", "2026-12-01", 4_000],
      ["two", "1999-12-31", 5],
    ] as const;
    for (const [keyId, date, units] of uses) {
      await pool.query(
        "insert into key_usage (key_id, day, units, task_id, requests, errors, prompt_tokens) values ($1, $2, $3, 'chat-tiny', 1, 0, 0)",
        [keyId, dayOf(date), units],
      );
    }
    await migrate(pool);
    const usage = createUsageTable(pool);
    const charged = async (keyId: string, month: number) => (await usage.getCharges([keyId], month))[0];
    expect(await charged("one", monthOf(2026, 11))).toEqual({ keyId: "one", monthUnits: 320, totalUnits: 4_321 });
    expect(await charged("one", monthOf(2026, 12))).toMatchObject({ monthUnits: 4_000 });
    expect(await charged("one", monthOf(2024, 2))).toMatchObject({ monthUnits: 1 });
    expect(await charged("two", monthOf(1999, 12))).toMatchObject({ monthUnits: 5 });
    // The next write adds to the same month.
    const use = { keyId: "one", taskId: "chat-tiny", day: dayOf("2026-11-30"), requests: 1, errors: 0, promptTokens: 0, units: 7 };
    await usage.addUsage([use], { writer: anId("a"), sequence: 1 });
    expect(await charged("one", monthOf(2026, 11))).toMatchObject({ monthUnits: 327 });
    expect((await pool.query(differences)).rows).toEqual([]);
  });

  it("is what is logged, to the unit, where many gateways write the same keys at once, each write twice", async () => {
    const pool = await connect();
    await migrate(pool);
    const usage = createUsageTable(pool);
    const write = async (writer: number) => {
      for (let sequence = 1; sequence <= 20; sequence += 1) {
        const uses = Array.from({ length: 24 }, (_, index) => ({
          ...{ keyId: `key ${(index * (writer + 3)) % 7}`, taskId: `task ${(index + sequence) % 3}` },
          ...{ day: dayOf("2026-11-30") + (index % 2), requests: 1, errors: 0, promptTokens: 1, units: 1 + (index % 5) },
        }));
        await Promise.all([1, 2].map(() => usage.addUsage(uses, { writer: anId(`writer ${writer}`), sequence })));
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, writer) => write(writer)));
    expect((await pool.query(differences)).rows).toEqual([]);
    const { rows } = await pool.query("select sum(requests)::int as requests from key_usage");
    expect(rows).toEqual([{ requests: 8 * 20 * 24 }]);
  }, 60_000);
});
