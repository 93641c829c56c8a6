/** Remembers what was already accepted. */
export type ReplayWindow = {
  /**
   * Records the key and returns true when it is new; false when it was recorded before, or is too old to know.
   *
   * Check and record are one call, so nothing can come between them. Call it only after the signature was found valid: otherwise
   * anybody could fill the memory under somebody else's name.
   *
   * @param key - Unique per message, e.g. `{signer}:{uuid}`.
   * @param timestampMs - When the message was signed, Unix milliseconds.
   * @param nowMs - Now, Unix milliseconds.
   */
  checkAndRecord(key: string, timestampMs: number, nowMs: number): boolean;
  /** Keys held at the moment. At most `maxEntries`. */
  readonly size: number;
};

export type ReplayWindowOptions = {
  /** How long after its time stamp a message is remembered. At least the accepted age plus the accepted future. */
  readonly windowMs: number;
  /**
   * Most keys held. When full, the oldest time slice is forgotten and everything as old as it is refused from then on: memory is bounded
   * and a replay is still never accepted.
   */
  readonly maxEntries: number;
  /** Messages signed before this moment are refused. Set it to the start of the process, because what came before it was forgotten. */
  readonly notBeforeMs?: number;
};

const SLICES = 16;

/** A window over the recent past, in slices of time, so that forgetting costs nothing per message. */
export function createReplayWindow(options: ReplayWindowOptions): ReplayWindow {
  const sliceMs = Math.max(1, Math.ceil(options.windowMs / SLICES));
  const slices = new Map<number, Set<string>>();
  let floorMs = options.notBeforeMs ?? Number.NEGATIVE_INFINITY;
  let size = 0;

  const forget = (index: number, keys: ReadonlySet<string>) => {
    slices.delete(index);
    size -= keys.size;
    floorMs = Math.max(floorMs, (index + 1) * sliceMs);
  };

  const forgetBefore = (limitMs: number) => {
    for (const [index, keys] of slices) if ((index + 1) * sliceMs <= limitMs) forget(index, keys);
  };

  const forgetOldest = () => {
    const oldest = Math.min(...slices.keys());
    const keys = slices.get(oldest);
    if (keys !== undefined) forget(oldest, keys);
  };

  return {
    checkAndRecord(key, timestampMs, nowMs) {
      if (!Number.isFinite(timestampMs)) return false;
      const horizonMs = nowMs - options.windowMs;
      forgetBefore(horizonMs);
      if (timestampMs < horizonMs || timestampMs < floorMs) return false;
      const index = Math.floor(timestampMs / sliceMs);
      if (slices.get(index)?.has(key) === true) return false;
      if (size >= options.maxEntries) forgetOldest();
      if (timestampMs < floorMs) return false;
      const slice = slices.get(index) ?? new Set<string>();
      slices.set(index, slice);
      slice.add(key);
      size += 1;
      return true;
    },
    get size() {
      return size;
    },
  };
}
