import type { Migration } from "./migration.js";

/** What answers tell of the engines behind them, and what is needed to find it out. Answers of before tell nothing. */
export const evidence: Migration = {
  number: 8,
  name: "evidence",
  sql: `
alter table checks add column sampler text not null default 'unknown', add column is_organic boolean not null default false;
alter table samples add column is_organic boolean not null default false, add column evidence text not null default '';
comment on column samples.evidence is 'JSON of AnswerEvidence; empty if none';
`,
};
