import type { Migration } from "./migration.js";

/** The seed that a period's large draws come from. Periods of before drew everything from their own. */
export const commonSeed: Migration = {
  number: 9,
  name: "common seed",
  sql: `
    alter table periods add column common_seed text;
    update periods set common_seed = seed;
    alter table periods alter column common_seed set not null;
  `,
};
