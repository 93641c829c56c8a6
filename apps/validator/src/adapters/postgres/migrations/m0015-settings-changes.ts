import type { Migration } from "./migration.js";

/** What the settings were at the last start, and what each start found changed. */
export const settingsChanges: Migration = {
  number: 15,
  name: "settings changes",
  sql: `
create table settings_in_force (
  is_only boolean primary key default true check (is_only),
  at_ms bigint not null,
  settings jsonb not null
);
comment on table settings_in_force is 'one row: the settings of the last start, secrets hidden';

create table settings_changes (
  id bigint generated always as identity primary key,
  at_ms bigint not null,
  version text not null,
  setting text not null,
  before jsonb not null,
  after jsonb not null
);
comment on table settings_changes is 'written at the start that found them; JSON null for what was or is not there';
`,
};
