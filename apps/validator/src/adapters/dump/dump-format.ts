import { z } from "zod";

/**
 * A dump is one gzip stream of lines: the header; then of every table, in the header's order, its name, its rows as PostgreSQL's COPY writes
 * them in text, the end mark and what the rows were; then the SHA-256 of all that. Counts and digests stand behind the rows, because whoever
 * writes a stream knows them only then.
 */
const DUMP_FORMAT = "vision-database/1";

/** COPY's own end mark: no row reads like it, as it writes a backslash as two. */
export const END_OF_ROWS = "\\.";

/** Longest line that is read, bytes: a row of a longer one was written by nobody. */
export const LONGEST_LINE_BYTES = 256 * 1024 * 1024;

const hex64 = z.string().regex(/^[0-9a-f]{64}$/);
const identifier = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/);

/** First line: what was dumped, when and by what. */
export const dumpHeaderSchema = z.strictObject({
  format: z.literal(DUMP_FORMAT),
  /** Number of the newest migration of the database. */
  schema: z.int().min(1),
  /** Version of the program. */
  program: z.string().max(64),
  /** PostgreSQL's, as it numbers itself: 180004 is 18.4. */
  serverVersion: z.int().min(0),
  createdAtMs: z.int().min(0),
  /** Where numbers go on that the server gives out. They belong to no table's rows: some are given out and not kept. */
  sequences: z.array(z.strictObject({ name: identifier, last: z.string().regex(/^\d{1,19}$/), isCalled: z.boolean() })).max(256),
  tables: z.array(z.strictObject({ name: identifier, columns: z.array(identifier).min(1) })).max(256),
});

/** Before the rows of a table. */
export const tableBeginSchema = z.strictObject({ table: identifier });

/** After the rows of a table. The digest does not depend on their order: {@link createRowDigest}. */
export const tableEndSchema = z.strictObject({ rows: z.int().min(0), digest: hex64 });

/** Last line: SHA-256 of all bytes before it, uncompressed. */
export const dumpEndSchema = z.strictObject({ sha256: hex64 });

/** What a dump says of itself first. */
export type DumpHeader = z.infer<typeof dumpHeaderSchema>;

/** The header of a dump that is made now. */
export function createDumpHeader(about: Omit<DumpHeader, "format">): DumpHeader {
  return { format: DUMP_FORMAT, ...about };
}

/** What was read or written of a table so far. */
export type TableProgress = { readonly table: string; readonly rows: number; readonly isWhole: boolean };
