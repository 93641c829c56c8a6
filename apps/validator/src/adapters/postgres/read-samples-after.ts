import type pg from "pg";
import type { FoundSamples } from "../../domain/records/index.js";
import { whole } from "./clean-values.js";

/** Most samples read at a time. */
const MOST_ROWS = 1_000;

// By miner and task, since that is what the index of samples begins with.
const text = `
select s.sequence, m.hotkey, m.task_id, s.quality_fraction, s.first_token_ms, s.duration_ms, s.units
from series m
join samples s on s.series_id = m.id
where s.period >= (select coalesce(max(period), 0) - 1 from periods) and s.sequence > $1
order by s.sequence
limit ${MOST_ROWS}`;

type Row = {
  readonly sequence: number;
  readonly hotkey: string;
  readonly task_id: string;
  readonly quality_fraction: number;
  readonly first_token_ms: number | null;
  readonly duration_ms: number;
  readonly units: number;
};

/** Samples of this period and the one before that were recorded behind a place. */
export async function readSamplesAfter(pool: pg.Pool, sequence: number | null): Promise<FoundSamples> {
  if (sequence === null) {
    const newest = "select coalesce(pg_sequence_last_value(pg_get_serial_sequence('samples', 'sequence')::regclass), 0) as sequence";
    const { rows } = await pool.query<{ sequence: number }>(newest);
    return { samples: [], sequence: rows[0]?.sequence ?? 0 };
  }
  const { rows } = await pool.query<Row>({ name: "read-samples-after", text, values: [whole(sequence)] });
  return {
    samples: rows.map((row) => ({
      ...{ hotkey: row.hotkey, taskId: row.task_id, qualityFraction: row.quality_fraction },
      ...{ firstTokenMs: row.first_token_ms, durationMs: row.duration_ms, units: row.units },
    })),
    sequence: rows.at(-1)?.sequence ?? sequence,
  };
}
