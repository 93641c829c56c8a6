import type pg from "pg";
import type { KeyUsage } from "../../domain/records/index.js";
import type { UsageStore } from "../../ports/index.js";
import { cleanText, count, finite, whole } from "./clean-values.js";

// Summed first: a statement may change a row only once.
const addText = `
with turn as (
  insert into usage_writers (writer, sequence) values ($8, $9)
  on conflict (writer) do update set sequence = excluded.sequence, at = now() where usage_writers.sequence < excluded.sequence
  returning writer
), forgotten as (
  delete from usage_writers where at < now() - interval '30 days' and writer <> $8
)
insert into key_usage (key_id, task_id, day, requests, errors, prompt_tokens, units)
select key_id, task_id, day, sum(requests), sum(errors), sum(prompt_tokens), sum(units)
from unnest($1::text[], $2::text[], $3::integer[], $4::bigint[], $5::bigint[], $6::float8[], $7::float8[])
  as used(key_id, task_id, day, requests, errors, prompt_tokens, units)
where exists (select from turn)
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
      ];
      await pool.query({ name: "add-usage", text: addText, values });
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
