import type { Random } from "@vision/scoring/probing";
import { type GapHistogram, SHORT_GAP, sharesOf, startOfBin } from "./gap-histogram.js";

/** Gaps between requests, as multiples of their mean. */
export type Gaps = { draw(random: Random): number };

/** Between 0.2 and 1.8 times the mean: unpredictable, but never a burst. */
export const evenGaps: Gaps = { draw: (random) => 0.2 + 1.6 * random.next() };

/** Mean of what is drawn from a bin, as a multiple of its start: a logarithm there is uniform. */
const MEAN_IN_BIN = 1 / Math.LN2;

/** Gaps as often as a histogram has them, 1 on average; the last one is remembered. */
export function createBurstyGaps(histogram: GapHistogram): Gaps {
  const shares = sharesOf(histogram);
  const meanOf = (bins: readonly number[]) => bins.reduce((total, share, bin) => total + share * startOfBin(bin) * MEAN_IN_BIN, 0);
  const shortOf = (bins: readonly number[]) => bins.reduce((total, share, bin) => total + (startOfBin(bin) < SHORT_GAP ? share : 0), 0);
  // In the long run so many of all gaps follow a short one.
  const afterShort = shortOf(shares.afterLong) / (1 - shortOf(shares.afterShort) + shortOf(shares.afterLong));
  const mean = (1 - afterShort) * meanOf(shares.afterLong) + afterShort * meanOf(shares.afterShort);
  let isAfterShort = false;
  return {
    draw(random) {
      const bins = isAfterShort ? shares.afterShort : shares.afterLong;
      let left = random.next();
      const found = bins.findIndex((share) => {
        left -= share;
        return left < 0;
      });
      const start = startOfBin(found === -1 ? bins.length - 1 : found);
      isAfterShort = start < SHORT_GAP;
      return (start * 2 ** random.next()) / mean;
    },
  };
}
