import { initialSchema } from "./m0001-initial-schema.js";
import type { Migration } from "./migration.js";

/** All migrations in order. Numbers only grow, and a released migration is never edited: a change is a new one. */
export const migrations: readonly Migration[] = [initialSchema];

export type { Migration } from "./migration.js";
