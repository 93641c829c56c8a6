import type { Migration } from "./migration.js";

/** What became of timelocked commits, so that they are followed over a restart. Of commits from before nothing is known. */
export const weightReveals: Migration = {
  number: 5,
  name: "weight reveals",
  sql: `
    alter table weight_sets add column reveal_block bigint;
    alter table weight_sets add column reveal_outcome text;
  `,
};
