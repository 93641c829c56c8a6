/** What is known of a miner at a task for routing: running averages, newest first in weight. */
export type RoutingRecord = {
  /** Mean of quality x speed factor of recent checked answers; null before the first. */
  readonly quality: number | null;
  /** Share of recent requests that were answered, 0 to 1; null before the first. */
  readonly okFraction: number | null;
};

// A dead miner loses half its score in 3 requests; a changed model in 5 checks.
const OK_WEIGHT = 0.2;
const QUALITY_WEIGHT = 0.15;

// About half of a good miner's quality: enough to be asked once better ones fill up, and for a prober to tell more; never before them.
const PRIOR_QUALITY = 0.6;

/** Nothing known. */
export const emptyRoutingRecord: RoutingRecord = { quality: null, okFraction: null };

/** The record after one more request that counts. */
export function withOutcome(record: RoutingRecord, isOk: boolean): RoutingRecord {
  const value = isOk ? 1 : 0;
  return { ...record, okFraction: record.okFraction === null ? value : record.okFraction + OK_WEIGHT * (value - record.okFraction) };
}

/** The record after one more checked answer. */
export function withSample(record: RoutingRecord, qualityTimesSpeed: number): RoutingRecord {
  const quality = record.quality === null ? qualityTimesSpeed : record.quality + QUALITY_WEIGHT * (qualityTimesSpeed - record.quality);
  return { ...record, quality };
}

/** The record after failures that turned out to be our own: nothing is known of how it answers now. */
export function withExcuse(record: RoutingRecord): RoutingRecord {
  return { ...record, okFraction: null };
}

/** How good an answer to expect: quality x ok share. Of a newcomer, of which no answer was checked yet, a middling quality is expected. */
export function routingScore(record: RoutingRecord): number {
  return (record.quality ?? PRIOR_QUALITY) * (record.okFraction ?? 1);
}
