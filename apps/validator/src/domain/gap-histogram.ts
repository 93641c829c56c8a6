/** How often gaps of each size followed: after a long gap, and after a short one, since what comes in bursts comes in more than twos. */
export type GapHistogram = { readonly afterLong: readonly number[]; readonly afterShort: readonly number[] };

/** Gaps are counted as multiples of their mean, by powers of two: the first bin ends at 2^-11, the last one begins at 2^4. */
const FIRST_EXPONENT = -12;
const BINS = 17;
/** Up to this multiple of the mean a gap is one of a burst. */
export const SHORT_GAP = 2 ** -3;
/** Fewer tell no mean. */
const LEAST_GAPS = 10;
/** Older gaps count less the more new ones there are: as many are remembered of a task. */
const REMEMBERED_GAPS = 5_000;
/** How many gaps the shipped histogram counts as, however many there are of users: so no gap is impossible. */
const SHIPPED_GAPS = 100;

/**
 * Gaps of the shipped histogram, of a thousand: a gamma distribution, by which the bursts of a real service were modelled (BurstGPT, arXiv
 * 2401.17644), here of shape one half: its gaps vary by 1.4 times their mean, even ones by 0.5 and those of single users who know nothing of each other by 1.
 */
const shippedGaps = [17.6, 7.3, 10.3, 14.6, 20.6, 29, 40.8, 57.1, 78.9, 106.6, 137.6, 162.2, 160, 111.8, 40.8, 4.6, 0.1] as const;

/** Nothing seen yet. */
export const noGaps: GapHistogram = { afterLong: Array(BINS).fill(0), afterShort: Array(BINS).fill(0) };

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

function binOf(multiple: number): number {
  return Math.min(BINS - 1, Math.max(0, Math.floor(Math.log2(multiple)) - FIRST_EXPONENT));
}

/** The smallest multiple of the mean that a bin holds. */
export function startOfBin(bin: number): number {
  return 2 ** (bin + FIRST_EXPONENT);
}

/** The histogram with the gaps between these times, those of one miner and task; in any order. Too few of them change nothing. */
export function addGaps(histogram: GapHistogram, timesMs: readonly number[]): GapHistogram {
  const times = [...timesMs].sort((one, other) => one - other);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const meanMs = sum(gaps) / gaps.length;
  if (gaps.length < LEAST_GAPS || !(meanMs > 0)) return histogram;
  const next = { afterLong: [...histogram.afterLong], afterShort: [...histogram.afterShort] };
  let isAfterShort = false;
  for (const gap of gaps) {
    const counts = isAfterShort ? next.afterShort : next.afterLong;
    const bin = binOf(gap / meanMs);
    counts[bin] = (counts[bin] ?? 0) + 1;
    isAfterShort = startOfBin(bin) < SHORT_GAP;
  }
  const kept = Math.min(1, REMEMBERED_GAPS / (sum(next.afterLong) + sum(next.afterShort)));
  return { afterLong: next.afterLong.map((count) => count * kept), afterShort: next.afterShort.map((count) => count * kept) };
}

/** A quarter of what a bin counts goes to each of its neighbours: few gaps leave holes between them. */
function smooth(counts: readonly number[]): readonly number[] {
  const at = (bin: number) => counts[Math.min(BINS - 1, Math.max(0, bin))] ?? 0;
  return counts.map((count, bin) => count / 2 + at(bin - 1) / 4 + at(bin + 1) / 4);
}

/** Shares of the bins that sum to 1, smoothed, with the shipped ones among them. */
export function sharesOf({ afterLong, afterShort }: GapHistogram): GapHistogram {
  const withShipped = (counts: readonly number[]) => {
    const all = smooth(counts).map((count, bin) => count + ((shippedGaps[bin] ?? 0) * SHIPPED_GAPS) / sum(shippedGaps));
    return all.map((count) => count / sum(all));
  };
  return { afterLong: withShipped(afterLong), afterShort: withShipped(afterShort) };
}
