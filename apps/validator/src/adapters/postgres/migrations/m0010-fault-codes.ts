import type { Migration } from "./migration.js";

/** What is wrong with an answer, for programs. Samples of before say it in words only. */
export const faultCodes: Migration = {
  number: 10,
  name: "fault codes",
  sql: `
alter table samples add column fault text not null default '';
comment on column samples.fault is 'code of the worst fault; empty if none';
`,
};
