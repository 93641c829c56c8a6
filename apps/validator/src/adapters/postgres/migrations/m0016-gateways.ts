import type { Migration } from "./migration.js";

/** What the validator tells gateways in processes of their own, and what they hand over to it. */
export const gateways: Migration = {
  number: 16,
  name: "gateways",
  sql: `
-- Written anew every second, and worth nothing after a crash of the server: it needs no log.
create unlogged table gateway_state (
  part text primary key,
  version bigint not null,
  told_at timestamptz not null,
  body text not null
);
alter table gateway_state alter column body set storage external;
comment on table gateway_state is 'what the validator says of miners, tasks and itself, for gateways; JSON';

create table gateway_results (
  request_id uuid primary key,
  sequence bigint generated always as identity,
  entry json not null
);
create index gateway_results_sequence on gateway_results (sequence);
comment on table gateway_results is 'requests of users that gateways have ended, until the validator has recorded them; the row goes in the transaction that records it';
`,
};
