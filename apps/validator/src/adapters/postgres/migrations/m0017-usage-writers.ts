import type { Migration } from "./migration.js";

/** Which write of what keys used came last of each process: one whose answer was lost comes again and must not count again. */
export const usageWriters: Migration = {
  number: 17,
  name: "usage writers",
  sql: `
create table usage_writers (
  writer uuid primary key,
  sequence bigint not null,
  at timestamptz not null default now()
);
comment on table usage_writers is 'a row for each process that wrote what keys used in the last thirty days';
`,
};
