import type { Migration } from "./migration.js";

/**
 * First schema. Times are Unix milliseconds in bigint, so that no time zone is ever involved; units are double precision.
 * Requests and answers are `json`, not `jsonb`: jsonb refuses \u0000 and lone surrogates, both of which a miner can send, and json keeps
 * the text as it is.
 */
export const initialSchema: Migration = {
  number: 1,
  name: "initial schema",
  sql: `
create table periods (
  period bigint primary key,
  starts_at_ms bigint not null,
  ends_at_ms bigint not null,
  seed text not null,
  is_open boolean not null
);
create unique index periods_open on periods (is_open) where is_open;

create table tallies (
  period bigint not null,
  hotkey text not null,
  task_id text not null,
  declared_capacity_per_hour double precision not null default 0,
  tried_fraction double precision not null default 0,
  planned_units double precision not null default 0,
  planned_requests bigint not null default 0,
  attempted_units double precision not null default 0,
  completed_units double precision not null default 0,
  rate_limited_units double precision not null default 0,
  failed_units double precision not null default 0,
  requests bigint not null default 0,
  ok_count bigint not null default 0,
  rate_limited_count bigint not null default 0,
  failed_count bigint not null default 0,
  organic_count bigint not null default 0,
  primary key (period, hotkey, task_id)
);

create table results (
  request_id text primary key,
  period bigint not null,
  hotkey text not null,
  task_id text not null,
  is_organic boolean not null,
  outcome text not null,
  blame text not null,
  reason text,
  attempted_units double precision not null,
  completed_units double precision not null,
  started_at_ms bigint not null,
  first_token_ms double precision,
  duration_ms double precision not null
);
create index results_period on results (period);

create table checks (
  request_id text primary key,
  sequence bigint generated always as identity,
  period bigint not null,
  hotkey text not null,
  task_id text not null,
  request json not null,
  answer json not null,
  speed_factor double precision not null,
  attempts bigint not null default 0,
  leased_until_ms bigint not null default 0
);
create index checks_series on checks (hotkey, task_id, sequence);
create index checks_period on checks (period);

create table samples (
  request_id text primary key,
  sequence bigint generated always as identity,
  period bigint not null,
  hotkey text not null,
  task_id text not null,
  quality_fraction double precision not null,
  speed_factor double precision not null,
  reasons text[] not null
);
create index samples_series on samples (hotkey, task_id, period desc, sequence desc);
create index samples_period on samples (period);

create table sample_counts (
  hotkey text not null,
  task_id text not null,
  sample_count bigint not null,
  primary key (hotkey, task_id)
);

create table epoch_reports (
  period bigint primary key,
  created_at_ms bigint not null,
  report json not null
);

create table weight_sets (
  netuid bigint not null,
  epoch_block bigint not null,
  weights json not null,
  state text not null,
  begun_at_ms bigint not null,
  included_at_block bigint,
  detail text,
  primary key (netuid, epoch_block)
);

create table api_keys (
  id text primary key,
  name text not null,
  prefix text not null,
  sha256_hex text not null unique,
  requests_per_minute bigint not null,
  created_at_ms bigint not null,
  last_used_at_ms bigint,
  revoked_at_ms bigint
);
create index api_keys_prefix on api_keys (prefix);
`,
};
