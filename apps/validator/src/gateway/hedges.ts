/** Bounds how many requests may be asked of a second miner at the same time. */
export type Hedges = {
  /** A request is served: it earns its share of a hedge. */
  earn(): void;
  /** Takes a hedge if one is there. */
  take(): boolean;
};

/** What may be saved up: a whole minute of slow answers must not double the load of those that are not. */
const MOST_SAVED = 10;

/** So many hedges for each request, over any time, and one to begin with; none where it is 0. */
export function createHedges(fraction: number): Hedges {
  let saved = fraction > 0 ? 1 : 0;
  return {
    earn() {
      saved = Math.min(MOST_SAVED, saved + fraction);
    },
    take() {
      if (saved < 1) return false;
      saved -= 1;
      return true;
    },
  };
}
