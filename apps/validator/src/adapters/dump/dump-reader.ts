import { createHash } from "node:crypto";
import { VisionError } from "@vision/protocol";
import type { z } from "zod";
import {
  type DumpHeader,
  dumpEndSchema,
  dumpHeaderSchema,
  END_OF_ROWS,
  LONGEST_LINE_BYTES,
  tableBeginSchema,
  tableEndSchema,
} from "./dump-format.js";
import { createRowDigest } from "./row-digest.js";
import { createLineSplitter } from "./split-lines.js";

/** How many rows there were, and what of. */
export type TableEnd = z.infer<typeof tableEndSchema>;

const endMark = Buffer.from(`${END_OF_ROWS}\n`);

/** The error of a dump that cannot be used. */
export function unusableDump(what: string, cause?: unknown): VisionError {
  return new VisionError({
    code: "STORE_DUMP_INVALID",
    message: `This dump cannot be used: ${what}.`,
    hint: "Nothing was restored. Take another dump, or copy this one again from where it was made.",
    cause,
  });
}

function asUnusable(cause: unknown): unknown {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "";
  if (!code.startsWith("Z_")) return cause;
  return unusableDump(code === "Z_BUF_ERROR" ? "it ends too early" : `it is damaged, or no dump (${code})`, cause);
}

/** Reads a dump from its uncompressed bytes, piece by piece, and finds whatever is not as it was written. */
export class DumpReader {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #splitter = createLineSplitter({ longestBytes: LONGEST_LINE_BYTES, tooLong: () => unusableDump("a line is too long") });
  readonly #whole = createHash("sha256");
  #lines: readonly Buffer[] = [];
  #next = 0;

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The first line. @throws VisionError `STORE_DUMP_INVALID` */
  async readHeader(): Promise<DumpHeader> {
    const line = await this.#readLine();
    try {
      return dumpHeaderSchema.parse(JSON.parse(line.toString()));
    } catch (cause) {
      throw unusableDump("it does not begin as a dump of a validator's database does", cause);
    }
  }

  /**
   * The rows of the next table, some at a time, each with its line end; what they were is returned at their end.
   *
   * @throws VisionError `STORE_DUMP_INVALID` also when they are not those that were written.
   */
  async *readTable(name: string): AsyncGenerator<readonly Buffer[], TableEnd> {
    const begin = this.#parse(tableBeginSchema, await this.#readLine());
    if (begin.table !== name) throw unusableDump(`the table ${name} is missing`);
    const digest = createRowDigest();
    for (let isOver = false; !isOver; ) {
      if (this.#next >= this.#lines.length) await this.#fill();
      const from = this.#next;
      while (this.#next < this.#lines.length && !isOver) {
        const line = this.#lines[this.#next] ?? endMark;
        isOver = line.equals(endMark);
        if (!isOver) digest.add(line);
        this.#next += 1;
      }
      const rows = this.#lines.slice(from, isOver ? this.#next - 1 : this.#next);
      for (const row of rows) this.#whole.update(row);
      if (rows.length > 0) yield rows;
    }
    this.#whole.update(endMark);
    const end = this.#parse(tableEndSchema, await this.#readLine());
    if (end.rows !== digest.rows() || end.digest !== digest.hex()) {
      throw unusableDump(`the rows of ${name} are not those that were dumped (${digest.rows()} of ${end.rows})`);
    }
    return end;
  }

  /** Reads what follows the last table. @throws VisionError `STORE_DUMP_INVALID` when that is anything but the right end. */
  async readEnd(): Promise<void> {
    const expected = this.#whole.copy().digest("hex");
    if (this.#parse(dumpEndSchema, await this.#readLine()).sha256 !== expected) throw unusableDump("its digest is another one");
    if (this.#next < this.#lines.length || (await this.#pull()) !== null) throw unusableDump("something follows its end");
  }

  #parse<Value>(schema: z.ZodType<Value>, line: Buffer): Value {
    try {
      return schema.parse(JSON.parse(line.toString()));
    } catch (cause) {
      throw unusableDump("a line of it is damaged", cause);
    }
  }

  async #readLine(): Promise<Buffer> {
    if (this.#next >= this.#lines.length) await this.#fill();
    const line = this.#lines[this.#next] ?? Buffer.alloc(0);
    this.#next += 1;
    this.#whole.update(line);
    return line;
  }

  /** Gets at least one more line. */
  async #fill(): Promise<void> {
    this.#next = 0;
    for (this.#lines = []; this.#lines.length === 0; ) {
      const chunk = await this.#pull();
      if (chunk === null) throw unusableDump("it ends too early");
      this.#lines = this.#splitter.push(chunk);
    }
  }

  async #pull(): Promise<Buffer | null> {
    try {
      const { done, value } = await this.#chunks.next();
      return done === true ? null : value;
    } catch (cause) {
      throw asUnusable(cause);
    }
  }
}
