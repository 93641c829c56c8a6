import type { Migration } from "./migration.js";

/** Seven digits of a number; what is too large or too small for a `real` is its limit or 0, where a cast would fail. */
const asReal = (column: string) =>
  `(case when abs(${column}) < 1e-30 then 0 when ${column} > 1e30 then 1e30 when ${column} < -1e30 then -1e30 else ${column} end)::real`;

const asUuid = (column: string) =>
  `(case when ${column} ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then ${column}::uuid else md5(${column})::uuid end)`;

const asInteger = (column: string) => `least(${column}, 2147483647)::integer`;

/**
 * Less than half of the bytes a row: a miner at a task is a number, ids are `uuid`, timings are `real` (seven digits), counts are
 * `integer`, and of what the program writes only the time of a first token may be null. Columns go from wide to narrow, so that no space
 * is lost between them.
 *
 * Tables are written anew in the order of their periods and take the place of the old ones; for as long both are on the disk. An id of
 * before that is no UUID gets one made from its text. Plan rows are updated all through their period: the free half of their pages takes
 * the updates, where a full page would leave them behind as dead rows.
 */
export const compactRows: Migration = {
  number: 6,
  name: "compact rows",
  sql: `
create table series (
  id integer generated always as identity primary key,
  hotkey text not null,
  task_id text not null,
  unique (hotkey, task_id)
);
insert into series (hotkey, task_id)
select hotkey, task_id from tallies union select hotkey, task_id from results union select hotkey, task_id from checks
union select hotkey, task_id from samples union select hotkey, task_id from sample_counts
order by 1, 2;

alter table results rename to old_results;
create table results (
  period bigint not null,
  started_at_ms bigint not null,
  series_id integer not null,
  attempted_units real not null,
  completed_units real not null,
  first_token_ms real,
  duration_ms real not null,
  request_id uuid not null,
  outcome "char" not null,
  blame "char" not null,
  is_organic boolean not null,
  reason text not null
);
comment on column results.outcome is 'o: ok, r: rate limited, f: failed';
comment on column results.blame is 'm: miner, v: validator, n: nobody';
comment on column results.reason is 'for anything but ok; empty if none';
insert into results
select r.period, r.started_at_ms, s.id, ${asReal("r.attempted_units")}, ${asReal("r.completed_units")},
  ${asReal("r.first_token_ms")}, ${asReal("r.duration_ms")}, ${asUuid("r.request_id")},
  substr(r.outcome, 1, 1)::"char", substr(r.blame, 1, 1)::"char", r.is_organic, coalesce(r.reason, '')
from old_results r join series s using (hotkey, task_id) order by r.period, r.started_at_ms;
drop table old_results;
alter table results add primary key (request_id);
create index results_period on results (period);

alter table samples rename to old_samples;
create table samples (
  sequence bigint generated always as identity,
  period bigint not null,
  series_id integer not null,
  quality_fraction real not null,
  first_token_ms real,
  duration_ms real not null,
  units real not null,
  request_id uuid not null,
  reasons text not null
);
comment on column samples.reasons is 'one a line; empty if none';
insert into samples (sequence, period, series_id, quality_fraction, first_token_ms, duration_ms, units, request_id, reasons)
overriding system value
select o.sequence, o.period, s.id, ${asReal("o.quality_fraction")}, ${asReal("o.first_token_ms")},
  ${asReal("o.duration_ms")}, ${asReal("o.units")}, ${asUuid("o.request_id")},
  array_to_string(o.reasons, chr(10))
from old_samples o join series s using (hotkey, task_id) order by o.sequence;
select setval(pg_get_serial_sequence('samples', 'sequence'), coalesce((select max(sequence) from samples), 0) + 1, false);
drop table old_samples;
alter table samples add primary key (request_id);
create index samples_series on samples (series_id, period, sequence);

alter table checks rename to old_checks;
create table checks (
  sequence bigint generated always as identity,
  period bigint not null,
  leased_until_ms bigint not null default 0,
  series_id integer not null,
  attempts integer not null default 0,
  first_token_ms real,
  duration_ms real not null,
  units real not null,
  request_id uuid not null,
  request json not null,
  answer json not null
);
insert into checks (sequence, period, leased_until_ms, series_id, attempts, first_token_ms, duration_ms, units, request_id, request, answer)
overriding system value
select o.sequence, o.period, o.leased_until_ms, s.id, ${asInteger("o.attempts")}, ${asReal("o.first_token_ms")},
  ${asReal("o.duration_ms")}, ${asReal("o.units")}, ${asUuid("o.request_id")}, o.request, o.answer
from old_checks o join series s using (hotkey, task_id) order by o.sequence;
select setval(pg_get_serial_sequence('checks', 'sequence'), coalesce((select max(sequence) from checks), 0) + 1, false);
drop table old_checks;
alter table checks add primary key (request_id);
create index checks_series on checks (series_id, sequence);

alter table sample_counts rename to old_sample_counts;
create table sample_counts (sample_count bigint not null, series_id integer not null) with (fillfactor = 50);
insert into sample_counts select o.sample_count, s.id from old_sample_counts o join series s using (hotkey, task_id);
drop table old_sample_counts;
alter table sample_counts add primary key (series_id);

alter table tallies rename to old_tallies;
create table tallies (
  period bigint not null,
  declared_capacity_per_hour double precision not null default 0,
  tried_fraction double precision not null default 0,
  planned_units double precision not null default 0,
  attempted_units double precision not null default 0,
  completed_units double precision not null default 0,
  rate_limited_units double precision not null default 0,
  failed_units double precision not null default 0,
  series_id integer not null,
  planned_requests integer not null default 0,
  requests integer not null default 0,
  ok_count integer not null default 0,
  rate_limited_count integer not null default 0,
  failed_count integer not null default 0,
  organic_count integer not null default 0
) with (fillfactor = 50);
insert into tallies
select o.period, o.declared_capacity_per_hour, o.tried_fraction, o.planned_units, o.attempted_units, o.completed_units,
  o.rate_limited_units, o.failed_units, s.id, ${asInteger("o.planned_requests")}, ${asInteger("o.requests")}, ${asInteger("o.ok_count")}, ${asInteger("o.rate_limited_count")}, ${asInteger("o.failed_count")}, ${asInteger("o.organic_count")}
from old_tallies o join series s using (hotkey, task_id) order by o.period, s.id;
drop table old_tallies;
alter table tallies add primary key (period, series_id);
`,
};
