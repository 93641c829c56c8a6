import type { Migration } from "./migration.js";

/**
 * When a miner and task last had a check handed out, in place of how many samples it has: a newcomer with many answers went before everybody
 * until it had as many samples as the others.
 */
export const checkTurns: Migration = {
  number: 13,
  name: "check turns",
  sql: `
create sequence check_turns;
alter table series add column check_turn bigint not null default 0;
alter table series set (fillfactor = 70);
comment on column series.check_turn is 'grows with every turn that is taken; 0 for none yet';
drop table sample_counts;
`,
};
