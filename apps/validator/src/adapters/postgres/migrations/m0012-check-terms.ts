import type { Migration } from "./migration.js";

/** What whoever checks a validator's answers has to agree on with it. */
export const checkTerms: Migration = {
  number: 12,
  name: "check terms",
  sql: `
create table check_terms (
  is_only boolean primary key default true check (is_only),
  validator text not null,
  version text not null,
  tasks json not null
);
comment on table check_terms is 'one row, written by the validator at its start and when its tasks change';
`,
};
