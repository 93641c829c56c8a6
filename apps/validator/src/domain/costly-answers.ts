/** Time for which reading one answer may keep the loop. The largest that any request allows take a tenth of it. */
const COSTLY_MS = 500;
/** One that is above it may be our own doing: a garbage collection, a machine that is busy. So many within the time are not. */
const TOLERATED = 2;
const REMEMBERED_MS = 600_000;
/** More miners than a subnet has. */
const MAX_MINERS = 4_096;

/** Remembers whose answers took long to read. */
export type CostlyAnswers = {
  /** Whether this answer is one too many: reading it and earlier ones of the miner kept the loop too long. */
  isTooCostly(hotkey: string, heldMs: number, nowMs: number): boolean;
};

/** A memory of the last ten minutes. */
export function createCostlyAnswers(): CostlyAnswers {
  const costlyAtMs = new Map<string, readonly number[]>();
  return {
    isTooCostly(hotkey, heldMs, nowMs) {
      if (heldMs <= COSTLY_MS) return false;
      const recent = (costlyAtMs.get(hotkey) ?? []).filter((atMs) => atMs > nowMs - REMEMBERED_MS).slice(-TOLERATED);
      costlyAtMs.delete(hotkey);
      const [oldest] = costlyAtMs.keys();
      if (costlyAtMs.size >= MAX_MINERS && oldest !== undefined) costlyAtMs.delete(oldest);
      costlyAtMs.set(hotkey, [...recent, nowMs]);
      return recent.length >= TOLERATED;
    },
  };
}
