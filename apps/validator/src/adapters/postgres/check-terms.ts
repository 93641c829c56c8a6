import pg from "pg";
import { z } from "zod";
import type { CheckTerms } from "../../domain/records/index.js";
import type { Logger } from "../../ports/index.js";
import { toJson } from "./clean-values.js";

const termsSchema = z.object({ validator: z.string(), version: z.string(), tasks: z.record(z.string(), z.unknown()) });

/** No such table, no such column. */
const otherSchemaCodes = ["42P01", "42703"];

/** The terms of the validator that works on the database; null where none are set, or in a way that this program does not know. */
export async function readCheckTerms(pool: pg.Pool, logger: Logger): Promise<CheckTerms | null> {
  const rows = await pool.query<Record<string, unknown>>("select validator, version, tasks from check_terms").then(
    (result) => result.rows,
    (error: unknown) => {
      if (error instanceof pg.DatabaseError && otherSchemaCodes.includes(error.code ?? "")) return [];
      throw error;
    },
  );
  if (rows[0] === undefined) return null;
  const parsed = termsSchema.safeParse(rows[0]);
  if (parsed.success) return parsed.data;
  logger.warn("The stored terms of checks cannot be read", { reason: z.prettifyError(parsed.error).slice(0, 400) });
  return null;
}

/** Sets the terms in the place of those before. */
export async function writeCheckTerms(pool: pg.Pool, { validator, version, tasks }: CheckTerms): Promise<void> {
  await pool.query({
    text: `insert into check_terms (validator, version, tasks) values ($1, $2, $3)
      on conflict (is_only) do update set validator = excluded.validator, version = excluded.version, tasks = excluded.tasks`,
    values: [validator, version, toJson(tasks)],
  });
}
