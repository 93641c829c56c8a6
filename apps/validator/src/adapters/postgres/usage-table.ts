import type pg from "pg";
import { monthOfDay } from "../../domain/calendar.js";
import type { KeyCharges, KeyUsage } from "../../domain/records/index.js";
import type { UsageStore } from "../../ports/index.js";
import { cleanText, count, finite, whole } from "./clean-values.js";

/** A user waits for it, milliseconds. */
const READ_TIMEOUT_MS = 2_000;

/**
 * One statement, hence one transaction: what keys used, and what they are charged for it. Summed first: a statement may change a row only once.
 * Rows are taken in a fixed order, so that two gateways cannot deadlock.
 */
const addText = `
with turn as (
  insert into usage_writers (writer, sequence) values ($8, $9)
  on conflict (writer) do update set sequence = excluded.sequence, at = now() where usage_writers.sequence < excluded.sequence
  returning writer
), forgotten as (
  delete from usage_writers where at < now() - interval '30 days' and writer <> $8
), used as (
  select * from unnest($1::text[], $2::text[], $3::integer[], $4::bigint[], $5::bigint[], $6::float8[], $7::float8[], $10::integer[])
    as used(key_id, task_id, day, requests, errors, prompt_tokens, units, month)
  where exists (select from turn)
), charged as (
  insert into key_charges (key_id, month, units)
  select key_id, month, sum(units) from used
  group by key_id, month
  order by key_id, month
  on conflict (key_id, month) do update set units = key_charges.units + excluded.units
)
insert into key_usage (key_id, task_id, day, requests, errors, prompt_tokens, units)
select key_id, task_id, day, sum(requests), sum(errors), sum(prompt_tokens), sum(units)
from used
group by key_id, day, task_id
order by key_id, day, task_id
on conflict (key_id, day, task_id) do update set
  requests = key_usage.requests + excluded.requests,
  errors = key_usage.errors + excluded.errors,
  prompt_tokens = key_usage.prompt_tokens + excluded.prompt_tokens,
  units = key_usage.units + excluded.units`;

const getText = `
select key_id as "keyId", task_id as "taskId", day, requests::float8 as requests, errors::float8 as errors,
  prompt_tokens as "promptTokens", units
from key_usage where key_id = $1 and day >= $2`;

const byKeyText = `
select key_id as "keyId", sum(requests)::float8 as requests, sum(errors)::float8 as errors, sum(prompt_tokens) as "promptTokens",
  sum(units) as units
from key_usage where day >= $1 group by key_id`;

const chargesText = `
select key_id as "keyId", coalesce(sum(units) filter (where month = $2), 0) as "monthUnits", sum(units) as "totalUnits"
from key_charges where key_id = any($1::text[]) group by key_id`;

/** What keys have used. */
export function createUsageTable(pool: pg.Pool): UsageStore {
  return {
    async addUsage(uses, { writer, sequence }) {
      if (uses.length === 0) return;
      const values = [
        uses.map((use) => cleanText(use.keyId)),
        uses.map((use) => cleanText(use.taskId)),
        uses.map((use) => count(use.day)),
        uses.map((use) => whole(use.requests)),
        uses.map((use) => whole(use.errors)),
        uses.map((use) => finite(use.promptTokens)),
        uses.map((use) => finite(use.units)),
        writer,
        sequence,
        uses.map((use) => monthOfDay(count(use.day))),
      ];
      await pool.query({ name: "add-usage", text: addText, values });
    },
    async getCharges(keyIds, month) {
      if (keyIds.length === 0) return [];
      const query = {
        name: "get-charges",
        text: chargesText,
        values: [keyIds.map(cleanText), count(month)],
        query_timeout: READ_TIMEOUT_MS,
      };
      return (await pool.query<KeyCharges>(query)).rows;
    },
    async getUsageByKey(sinceDay) {
      const { rows } = await pool.query<Omit<KeyUsage, "taskId" | "day">>({
        ...{ name: "get-usage-by-key", text: byKeyText, values: [count(sinceDay)] },
      });
      return rows;
    },
    async getUsage(keyId, sinceDay) {
      const { rows } = await pool.query<KeyUsage>({ name: "get-usage", text: getText, values: [cleanText(keyId), count(sinceDay)] });
      return rows;
    },
  };
}
