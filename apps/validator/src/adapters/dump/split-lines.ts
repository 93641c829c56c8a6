const NEWLINE = 10;

/**
 * Splits bytes into lines, each with its end, however they were cut on their way.
 *
 * @param bound - Longest line, bytes; `tooLong` makes the error.
 * @returns A function from the next bytes to the lines that they complete, and one for what is left without an end.
 */
export function createLineSplitter({ longestBytes, tooLong }: { readonly longestBytes: number; readonly tooLong: () => Error }): {
  push(chunk: Buffer): Buffer[];
  rest(): Buffer;
} {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  return {
    push(chunk) {
      const lines: Buffer[] = [];
      let from = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
        const last = chunk.subarray(from, end + 1);
        lines.push(pending.length === 0 ? last : Buffer.concat([...pending, last]));
        pending = [];
        pendingBytes = 0;
        from = end + 1;
      }
      if (from < chunk.length) {
        pending.push(chunk.subarray(from));
        pendingBytes += chunk.length - from;
        if (pendingBytes > longestBytes) throw tooLong();
      }
      return lines;
    },
    rest: () => Buffer.concat(pending),
  };
}
