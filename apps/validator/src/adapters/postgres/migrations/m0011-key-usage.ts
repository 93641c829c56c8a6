import type { Migration } from "./migration.js";

/** What keys have used. Begins empty: requests of before were recorded without their keys. */
export const keyUsage: Migration = {
  number: 11,
  name: "key usage",
  sql: `
create table key_usage (
  prompt_tokens double precision not null,
  units double precision not null,
  requests bigint not null,
  errors bigint not null,
  day integer not null,
  key_id text not null,
  task_id text not null,
  primary key (key_id, day, task_id)
) with (fillfactor = 50);
comment on column key_usage.day is 'days since 1970, UTC';
`,
};
