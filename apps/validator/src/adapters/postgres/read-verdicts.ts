import type { MinerVerdict } from "@vision/protocol";
import type pg from "pg";
import type { VerdictRows, VerdictsQuery } from "../../domain/records/index.js";
import { cleanText, whole } from "./clean-values.js";
import { readEvidence } from "./read-series.js";

// The periods come first: of each, the index of samples finds a miner's rows, in order.
const text = `
select s.sequence, s.period, m.task_id, s.request_id, coalesce(r.started_at_ms, p.starts_at_ms) as at_ms, s.quality_fraction, s.fault,
  s.reasons, s.evidence, s.first_token_ms, s.duration_ms, s.units
from series m
join samples s on s.series_id = m.id
join periods p on p.period = s.period
left join results r on r.request_id = s.request_id
where m.hotkey = $1
  and p.ends_at_ms > $2 and coalesce(r.started_at_ms, p.starts_at_ms) >= $2
  and (s.period, s.sequence) > ($3::bigint, $4::bigint)
  and exists (select from period_reports where period_reports.period = s.period)
order by s.period, s.sequence
limit $5`;

type Row = {
  readonly sequence: number;
  readonly period: number;
  readonly task_id: string;
  readonly request_id: string;
  readonly at_ms: number;
  readonly quality_fraction: number;
  readonly fault: string;
  readonly reasons: string;
  readonly evidence: string;
  readonly first_token_ms: number | null;
  readonly duration_ms: number;
  readonly units: number;
};

function toVerdict(row: Row): MinerVerdict {
  return {
    requestId: row.request_id,
    period: Number(row.period),
    taskId: row.task_id,
    atMs: Number(row.at_ms),
    qualityFraction: row.quality_fraction,
    fault: row.fault === "" ? null : row.fault,
    reasons: row.reasons === "" ? [] : row.reasons.split("\n"),
    excessNats: readEvidence(row.evidence).evidence?.surprise?.excessNats ?? null,
    firstTokenMs: row.first_token_ms,
    durationMs: row.duration_ms,
    units: row.units,
  };
}

/** Verdicts on one miner's answers in periods whose report is public. */
export async function readVerdicts(pool: pg.Pool, { hotkey, sinceMs, after, limit }: VerdictsQuery): Promise<VerdictRows> {
  const { rows } = await pool.query<Row>({
    name: "read-verdicts",
    text,
    values: [cleanText(hotkey), whole(sinceMs), whole(after?.period ?? -1), whole(after?.sequence ?? -1), whole(limit)],
  });
  const last = rows.at(-1);
  const next = last === undefined || rows.length < limit ? null : { period: Number(last.period), sequence: Number(last.sequence) };
  return { verdicts: rows.map(toVerdict), next };
}
