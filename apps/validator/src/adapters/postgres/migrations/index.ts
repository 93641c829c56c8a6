import { initialSchema } from "./m0001-initial-schema.js";
import { periodReports } from "./m0002-period-reports.js";
import type { Migration } from "./migration.js";

/** All migrations in order. Numbers only grow, and a released migration is never edited: a change is a new one. */
export const migrations: readonly Migration[] = [initialSchema, periodReports];

export type { Migration } from "./migration.js";
