import type { RequestVerdict } from "@vision/protocol";
import type pg from "pg";

const text = `
select r.request_id, s.quality_fraction, s.reasons,
  not exists (select from period_reports p where p.period = r.period) or exists (select from checks c where c.request_id = r.request_id)
    as is_open
from results r left join samples s using (request_id)
where r.request_id = any($1::uuid[])`;

type Row = {
  readonly request_id: string;
  readonly quality_fraction: number | null;
  readonly reasons: string | null;
  readonly is_open: boolean;
};

function toVerdict({ is_open, quality_fraction, reasons }: Row): RequestVerdict {
  if (is_open) return { state: "open" };
  if (quality_fraction === null) return { state: "unchecked" };
  return { state: "judged", qualityFraction: quality_fraction, reasons: reasons === null || reasons === "" ? [] : reasons.split("\n") };
}

/** What came of checking those answers, by request id; without those that are not recorded (yet). */
export async function readRequestVerdicts(pool: pg.Pool, requestIds: readonly string[]): Promise<ReadonlyMap<string, RequestVerdict>> {
  if (requestIds.length === 0) return new Map();
  const { rows } = await pool.query<Row>({ name: "read-request-verdicts", text, values: [requestIds] });
  return new Map(rows.map((row) => [row.request_id, toVerdict(row)]));
}
