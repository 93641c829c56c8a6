import { type Capture, messagesOf } from "../capture.js";
import type { FeatureRow } from "./table.js";

const WINDOWS_MS = [1_000, 10_000, 60_000, 600_000] as const;

/** When a request came, beside the others that this miner got. The captures must be in order of arrival. */
export function readTiming(captures: readonly Capture[]): readonly FeatureRow[] {
  const lastOfOpening = new Map<string, number>();
  return captures.map((capture, index) => {
    const { atMs } = capture;
    const opening = messagesOf(capture)[0]?.text ?? "";
    const sinceSame = atMs - (lastOfOpening.get(opening) ?? Number.NEGATIVE_INFINITY);
    lastOfOpening.set(opening, atMs);
    const row: Record<string, number> = {
      "since the one before": atMs - (captures[index - 1]?.atMs ?? atMs),
      "until the one after": (captures[index + 1]?.atMs ?? atMs) - atMs,
      "since one with the same opening": Number.isFinite(sinceSame) ? sinceSame : 3_600_000,
      "millisecond of the second": atMs % 1_000,
    };
    for (const windowMs of WINDOWS_MS) {
      let near = 0;
      for (let back = index - 1; back >= 0 && atMs - (captures[back]?.atMs ?? 0) <= windowMs; back -= 1) near += 1;
      row[`others in the ${windowMs / 1_000} s before`] = near;
    }
    return row;
  });
}
