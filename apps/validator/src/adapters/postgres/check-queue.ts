import { samplerSchema } from "@vision/protocol";
import type { Kysely } from "kysely";
import type pg from "pg";
import { z } from "zod";
import type { ClaimedCheck, HeldCheck, SampleRecord } from "../../domain/records/index.js";
import type { CheckStore, Logger } from "../../ports/index.js";
import { storedAnswerSchema } from "../stored-answer-schema.js";
import { readCheckTerms, writeCheckTerms } from "./check-terms.js";
import { cleanText, real, realOrNull, whole } from "./clean-values.js";
import { packReceipt, unpackClaim, unpackReceipt } from "./pack-receipt.js";
import { readRequestVerdicts } from "./read-request-verdicts.js";
import { readSamplesAfter } from "./read-samples-after.js";
import { readVerdicts } from "./read-verdicts.js";
import { seriesIds } from "./series-ids.js";
import type { Tables } from "./tables.js";

/** The server's own time unless another is given: machines that share a database need not agree on any. */
const moment = (parameter: string) => `moment as (
  select coalesce(${parameter}::bigint, (extract(epoch from clock_timestamp()) * 1000)::bigint) as now_ms
)`;

/**
 * The next checks: each series' first one before any second one, and of the first ones those whose series waits longest since its last
 * turn. A turn is taken by a claim, not by a sample, so that nobody stays first by answers that cannot be judged. Rows that another process
 * is claiming are skipped, not waited for. Of one task alone ($4) those with the fewest attempts come before that.
 */
const claimText = `
with ${moment("$1")}, ranked as (
  select c.request_id,
    case when $4::text is null then 0 else c.attempts end as attempts,
    row_number() over (partition by c.series_id order by c.sequence) as rank,
    s.check_turn,
    c.sequence
  from checks c
  join series s on s.id = c.series_id
  where c.leased_until_ms <= (select now_ms from moment) and ($4::text is null or s.task_id = $4) and s.task_id <> all ($5::text[])
    and ($6::text[] is null or s.task_id = any ($6))
), claimed as (
  select c.request_id, c.series_id
  from checks c join ranked r using (request_id)
  where c.leased_until_ms <= (select now_ms from moment)
  order by r.attempts, r.rank, r.check_turn, r.sequence
  limit $2
  for update of c skip locked
), served as (
  -- Always in the same order: two claims at once must not wait for each other.
  select id from series where id in (select series_id from claimed) order by id for no key update
), turns as (
  update series s set check_turn = nextval('check_turns') from served where s.id = served.id
)
update checks c
set leased_until_ms = moment.now_ms + $3::bigint, attempts = c.attempts + 1
from claimed, series s, moment
where c.request_id = claimed.request_id and s.id = c.series_id
returning c.request_id, c.period, s.hotkey, s.task_id, c.request, c.answer, c.first_token_ms, c.duration_ms, c.units, c.attempts, c.receipt,
  c.sampler, c.is_organic`;

/** Held checks: their ids ($1) and attempts ($2). */
const heldRows = "unnest($1::uuid[], $2::integer[]) as held (request_id, attempts)";
const isHeld = "c.request_id = held.request_id and c.attempts = held.attempts";
const heldValues = (held: readonly HeldCheck[]) => [held.map(({ requestId }) => requestId), held.map(({ attempts }) => whole(attempts))];

/** One that was given back meanwhile is not held any more. */
const renewText = `
with ${moment("$4")}
update checks c set leased_until_ms = moment.now_ms + $3::bigint
from ${heldRows}, moment
where ${isHeld} and c.leased_until_ms > 0
returning c.request_id`;

const claimedSchema = z.object({
  request_id: z.string(),
  period: z.number(),
  hotkey: z.string(),
  task_id: z.string(),
  request: z.record(z.string(), z.unknown()),
  answer: storedAnswerSchema,
  first_token_ms: z.number().nullable(),
  duration_ms: z.number(),
  units: z.number(),
  attempts: z.number(),
  receipt: z.instanceof(Uint8Array).nullable().transform(unpackClaim),
  sampler: samplerSchema,
  is_organic: z.boolean(),
});

/** One statement: the check goes, the sample comes; recording the same sample twice changes nothing. */
const sampleText = `
with settled as (
  delete from checks where request_id = $1
), incoming as (
  select $3::text as hotkey, $4::text as task_id
), ${seriesIds("incoming")}
insert into samples (request_id, period, series_id, quality_fraction, first_token_ms, duration_ms, units, reasons, receipt, is_organic,
  evidence, fault)
select $1, $2, series_id, $5, $6, $7, $8, $9, $10, $11, $12, $13 from series_ids
on conflict (request_id) do nothing`;

/** The checks that wait, and the samples that they become. */
export function createCheckQueue(pool: pg.Pool, database: Kysely<Tables>, logger: Logger): CheckStore {
  return {
    async claimChecks({ limit, nowMs, leaseMs, onlyTask, exceptTasks = [], onlyTasks }) {
      const { rows } = await pool.query<Record<string, unknown>>({
        name: "claim-checks",
        text: claimText,
        values: [nowMs === undefined ? null : whole(nowMs), whole(limit), whole(leaseMs), onlyTask ?? null, exceptTasks, onlyTasks ?? null],
      });
      const claimed: ClaimedCheck[] = [];
      for (const row of rows) {
        const parsed = claimedSchema.safeParse(row);
        if (parsed.success) {
          const { request_id, task_id, first_token_ms, duration_ms, is_organic, ...rest } = parsed.data;
          const timing = { firstTokenMs: first_token_ms, durationMs: duration_ms };
          claimed.push({ requestId: request_id, taskId: task_id, isOrganic: is_organic, ...timing, ...rest });
          continue;
        }
        // Written by another version, or by hand. Left in place it would come back at every claim.
        const requestId = String(row["request_id"]);
        logger.error("A stored check cannot be read and is dropped", { requestId, reason: z.prettifyError(parsed.error).slice(0, 400) });
        await database.deleteFrom("checks").where("request_id", "=", requestId).execute();
      }
      return claimed;
    },

    async recordSample(sample: SampleRecord) {
      await pool.query({
        name: "record-sample",
        text: sampleText,
        values: [
          sample.requestId,
          whole(sample.period),
          cleanText(sample.hotkey),
          cleanText(sample.taskId),
          real(sample.qualityFraction),
          realOrNull(sample.firstTokenMs),
          real(sample.durationMs),
          real(sample.units),
          sample.reasons.map((reason) => cleanText(reason).replaceAll("\n", " ")).join("\n"),
          sample.receipt === null ? null : packReceipt(sample.receipt),
          sample.isOrganic,
          sample.evidence === null ? "" : JSON.stringify(sample.evidence),
          sample.fault ?? "",
        ],
      });
    },

    async getReceipt(requestId) {
      const { rows } = await pool.query<{ hotkey: string; receipt: Uint8Array | null }>({
        text: "select hotkey, receipt from samples join series on series.id = series_id where request_id = $1",
        values: [requestId],
      });
      const receipt = unpackReceipt(rows[0]?.receipt ?? null);
      return rows[0] === undefined || receipt === null ? null : { hotkey: rows[0].hotkey, receipt };
    },

    getVerdicts: (query) => readVerdicts(pool, query),
    getRequestVerdicts: (requestIds) => readRequestVerdicts(pool, requestIds),

    getSamplesAfter: (sequence) => readSamplesAfter(pool, sequence),
    getCheckTerms: () => readCheckTerms(pool, logger),
    setCheckTerms: (terms) => writeCheckTerms(pool, terms),

    async releaseChecks(held, release) {
      const given = release === "untried" ? ", attempts = c.attempts - 1" : "";
      const text =
        release === "drop"
          ? `delete from checks c using ${heldRows} where ${isHeld}`
          : `update checks c set leased_until_ms = 0${given} from ${heldRows} where ${isHeld}`;
      await pool.query({ text, values: heldValues(held) });
    },

    async renewChecks(held, { leaseMs, nowMs }) {
      const values = [...heldValues(held), whole(leaseMs), nowMs === undefined ? null : whole(nowMs)];
      const { rows } = await pool.query<{ request_id: string }>({ text: renewText, values });
      return rows.map(({ request_id: requestId }) => requestId);
    },

    async countPendingChecks() {
      const { total } = await database
        .selectFrom("checks")
        .select((expression) => expression.fn.countAll<number>().as("total"))
        .executeTakeFirstOrThrow();
      return Number(total);
    },

    async countPendingChecksBySeries() {
      const rows = await database
        .selectFrom("checks")
        .innerJoin("series", "series.id", "checks.series_id")
        .select((expression) => ["hotkey", "task_id", expression.fn.countAll<number>().as("total")])
        .groupBy(["hotkey", "task_id"])
        .execute();
      return rows.map((row) => ({ hotkey: row.hotkey, taskId: row.task_id, count: Number(row.total) }));
    },
  };
}
