import { createReadStream } from "node:fs";
import { open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { VisionError } from "@vision/protocol";
import pg from "pg";
import { guard } from "../postgres/store-error.js";
import { beginSnapshot, writeDump } from "./dump-database.js";
import type { DumpHeader, TableProgress } from "./dump-format.js";
import { DumpReader, unusableDump } from "./dump-reader.js";
import { type RestoredTable, refuseForeignHeader, restoreDump } from "./restore-database.js";

const CONNECT_MS = 5_000;
/** Hardly larger than the best, in half of its time. */
const GZIP_LEVEL = 4;

const fileCalls: readonly string[] = ["write", "open", "fsync", "rename", "scandir", "close"];

/** What is told while it goes on, and what ends it. */
type DumpWatch = { readonly onProgress: (progress: TableProgress) => void; readonly signal: AbortSignal };

/** A dump that was written. */
type WrittenDump = { readonly header: DumpHeader; readonly bytes: number; readonly tables: readonly RestoredTable[] };

/** Works with a connection of its own, which ends with the work or the signal: the server then undoes what was not committed. */
async function withClient<Result>(url: string, signal: AbortSignal, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  signal.throwIfAborted();
  return guard(async () => {
    const options = {
      connectionString: url,
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
      application_name: "vision-validator db",
    };
    const client = new pg.Client(options);
    client.on("error", () => undefined);
    await client.connect();
    const end = () => void client.end().catch(() => undefined);
    signal.addEventListener("abort", end, { once: true });
    try {
      return await work(client);
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      signal.removeEventListener("abort", end);
      await client.end().catch(() => undefined);
    }
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Removes what dumps to this file left that were killed. */
async function sweepPartials(file: string): Promise<void> {
  for (const name of await readdir(dirname(file))) {
    const pid = Number(/^\.(\d+)\.partial$/.exec(name.startsWith(basename(file)) ? name.slice(basename(file).length) : "")?.[1] ?? 0);
    if (pid > 0 && !isAlive(pid)) await rm(join(dirname(file), name), { force: true });
  }
}

function isSystemError(error: unknown): error is { readonly syscall: string; readonly message: string } {
  return typeof error === "object" && error !== null && "syscall" in error && "message" in error;
}

function unwritable(file: string, cause: unknown): unknown {
  // Errors of the connection have other calls: connect, read.
  if (!isSystemError(cause) || !fileCalls.includes(cause.syscall)) return cause;
  return new VisionError({
    code: "STORE_DUMP_UNWRITABLE",
    message: `The dump ${file} cannot be written: ${cause.message}.`,
    hint: "Nothing was left there. Free space, or name a file in a folder with room that you may write to.",
    cause,
  });
}

/** Writes a file for the owner only, whole and on the disk or not at all, and never over another. Returns its size, bytes. */
async function writeWhole(file: string, bytes: AsyncIterable<Buffer>, signal: AbortSignal): Promise<number> {
  const partial = `${file}.${process.pid}.partial`;
  try {
    await sweepPartials(file);
    await refuseExisting(file);
    const handle = await open(partial, "wx", 0o600);
    try {
      await pipeline(
        Readable.from(bytes, { objectMode: false }),
        createGzip({ level: GZIP_LEVEL }),
        handle.createWriteStream({ flush: true }),
        {
          signal,
        },
      );
    } finally {
      await handle.close().catch(() => undefined);
    }
    await rename(partial, file);
    await syncFolder(dirname(file));
    return (await stat(file)).size;
  } catch (error) {
    await rm(partial, { force: true });
    throw unwritable(file, error);
  }
}

async function refuseExisting(file: string): Promise<void> {
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  throw new VisionError({
    code: "STORE_DUMP_UNWRITABLE",
    message: `There is a file ${file} already.`,
    hint: "Nothing was changed. Name another one, or remove it first.",
  });
}

/** A file's new name is on the disk when its folder is. Not every system lets a folder be opened. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/**
 * Dumps a database as it is now into a file that is not there yet. Who works on the database goes on.
 *
 * @returns Null for a database that no validator has worked on; nothing is written then.
 * @throws VisionError `STORE_DUMP_UNWRITABLE`, `STORE_UNREACHABLE`, `STORE_MIGRATION_FAILED`.
 */
export async function dumpToFile(
  url: string,
  { file, program, nowMs }: { readonly file: string; readonly program: string; readonly nowMs: number },
  { onProgress, signal }: DumpWatch,
): Promise<WrittenDump | null> {
  return withClient(url, signal, async (client) => {
    const header = await beginSnapshot(client, { program, nowMs });
    if (header === null) return null;
    const tables: RestoredTable[] = [];
    const lines = writeDump(client, header, (progress) => {
      if (progress.isWhole) tables.push({ name: progress.table, rows: progress.rows });
      onProgress(progress);
    });
    const bytes = await writeWhole(file, lines, signal);
    return { header, bytes, tables };
  });
}

/**
 * Opens a dump and reads its header.
 *
 * @throws VisionError `STORE_DUMP_INVALID` for what is no dump, or one that this program cannot restore.
 */
export async function openDump(file: string): Promise<{ readonly header: DumpHeader; readonly dump: DumpReader; close(): void }> {
  const source = createReadStream(file);
  const bytes = createGunzip();
  source.on("error", (error) => bytes.destroy(error));
  const dump = new DumpReader(source.pipe(bytes));
  const close = () => {
    source.destroy();
    bytes.destroy();
  };
  try {
    const header = await dump.readHeader();
    refuseForeignHeader(header);
    return { header, dump, close };
  } catch (cause) {
    close();
    throw isSystemError(cause) ? unusableDump(cause.message, cause) : cause;
  }
}

/** Restores an opened dump into an empty database; see {@link restoreDump}. */
export async function restoreFromDump(
  url: string,
  { header, dump }: { readonly header: DumpHeader; readonly dump: DumpReader },
  { onProgress, signal }: DumpWatch,
): Promise<Awaited<ReturnType<typeof restoreDump>>> {
  return withClient(url, signal, (client) => restoreDump(client, { header, dump, onProgress }));
}
