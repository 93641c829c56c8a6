import type { Migration } from "./migration.js";

/** Public reports of closed periods, and what the newest scores were computed from. */
export const periodReports: Migration = {
  number: 2,
  name: "period reports",
  sql: `
    create table period_reports (
      period bigint primary key,
      report jsonb not null
    );
    create table scoring_inputs (
      period bigint primary key,
      gzip_json bytea not null
    );
    -- It is compressed already.
    alter table scoring_inputs alter column gzip_json set storage external;
  `,
};
