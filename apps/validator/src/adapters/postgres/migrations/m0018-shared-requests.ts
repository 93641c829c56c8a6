import type { Migration } from "./migration.js";

/** Requests of users whose keys share them. */
export const sharedRequests: Migration = {
  number: 18,
  name: "shared requests",
  sql: `
alter table api_keys add column shares_requests boolean not null default false;

create table shared_requests (
  id bigint generated always as identity primary key,
  task_id text not null,
  key_id text not null references api_keys (id),
  hotkeys text not null,
  at_ms bigint not null,
  request text not null
);
create index shared_requests_of_key on shared_requests (key_id);
comment on table shared_requests is 'JSON bodies, of keys that share only; deleted when the key ends or no longer shares, and by age and size';

alter table key_changes drop constraint key_changes_what_check;
alter table key_changes add constraint key_changes_what_check
  check (what in ('created', 'limitsChanged', 'sharingBegun', 'sharingEnded', 'revoked'));
`,
};
