import type { Migration } from "./migration.js";

/**
 * Checks and samples keep how long an answer took and how much it was, from which its speed factor is computed where scores are. Rows of
 * before get them from the result with the same request id; a row without one could not be recomputed by anybody, and goes.
 */
export const answerTimings: Migration = {
  number: 3,
  name: "answer timings",
  sql: ["checks", "samples"]
    .map(
      (table) => `
        alter table ${table}
          add column first_token_ms double precision,
          add column duration_ms double precision,
          add column units double precision;
        update ${table} t
          set first_token_ms = r.first_token_ms, duration_ms = r.duration_ms, units = r.completed_units
          from results r where r.request_id = t.request_id;
        delete from ${table} where duration_ms is null;
        alter table ${table}
          alter column duration_ms set not null,
          alter column units set not null,
          drop column speed_factor;`,
    )
    .join("\n"),
};
