import type { Migration } from "./migration.js";

/** Who made, changed and ended API keys, and when. */
export const keyChanges: Migration = {
  number: 14,
  name: "key changes",
  sql: `
create table key_changes (
  id bigint generated always as identity primary key,
  at_ms bigint not null,
  who text not null,
  what text not null check (what in ('created', 'limitsChanged', 'revoked')),
  key_id text not null,
  requests_per_minute bigint,
  tokens_per_minute bigint,
  concurrent_requests bigint
);
comment on table key_changes is 'written with the change of api_keys itself; the limits are those after it';
`,
};
