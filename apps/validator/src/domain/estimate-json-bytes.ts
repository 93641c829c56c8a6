/**
 * About how many bytes a value takes as JSON. Stops counting above the limit, so that a value of any size costs no more than the limit
 * does; deep nesting is walked without recursion.
 *
 * @returns Bytes, never less than JSON without escapes takes; above `limitBytes` only that it is more.
 */
export function estimateJsonBytes(value: unknown, limitBytes: number): number {
  const pending: unknown[] = [value];
  let bytes = 0;
  while (pending.length > 0 && bytes <= limitBytes) {
    const next = pending.pop();
    if (typeof next === "string") {
      bytes += 2 + (next.length > limitBytes ? next.length : Buffer.byteLength(next));
    } else if (Array.isArray(next)) {
      bytes += 2 + next.length;
      // A long list is too large by its commas alone; its elements need not be copied.
      if (bytes <= limitBytes) for (const element of next) pending.push(element);
    } else if (typeof next === "object" && next !== null) {
      bytes += 2;
      for (const [name, field] of Object.entries(next)) {
        bytes += 4 + name.length;
        pending.push(field);
      }
    } else if (typeof next === "number") {
      bytes += String(next).length;
    } else {
      bytes += 5;
    }
  }
  return bytes;
}
