import type { Migration } from "./migration.js";

/** What keys may use in a month and what is paid for in advance, and what they have been charged by month. */
export const budgets: Migration = {
  number: 19,
  name: "budgets",
  sql: `
alter table api_keys add column monthly_units double precision check (monthly_units between 0 and 1e12);
alter table api_keys add column paid_units double precision check (paid_units between -1e15 and 1e15);
comment on column api_keys.paid_units is 'how many of all work units that the key is ever charged are paid for; null where nothing is paid in advance';

create table key_charges (
  units double precision not null,
  month integer not null,
  key_id text not null,
  primary key (key_id, month)
) with (fillfactor = 50);
comment on table key_charges is 'work units by calendar month in UTC, counted from January 1970; grown in the transaction that grows key_usage, by as much';
insert into key_charges (key_id, month, units)
select key_id, month, sum(units)
from (select key_id, units, date '1970-01-01' + day as date from key_usage) used,
  lateral (select (extract(year from date) * 12 + extract(month from date) - 23641)::integer as month) of_date
group by key_id, month;

alter table key_changes add column monthly_units double precision;
alter table key_changes add column credit_units double precision;
alter table key_changes add column reference text unique;
alter table key_changes drop constraint key_changes_what_check;
alter table key_changes add constraint key_changes_what_check check (
  what in ('created', 'limitsChanged', 'creditAdded', 'creditEnded', 'sharingBegun', 'sharingEnded', 'revoked')
);
`,
};
