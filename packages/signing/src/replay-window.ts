/** One message, as a replay window knows it. */
export type ReplayCheck = {
  /** Who signed it. Each signer has a memory of its own, so that nobody can push out another's. */
  readonly signer: string;
  /** Unique per message of the signer, e.g. its UUID. */
  readonly id: string;
  /** When it was signed, Unix milliseconds. */
  readonly timestampMs: number;
  /** Now, Unix milliseconds. */
  readonly nowMs: number;
};

/** Remembers what was already accepted. */
export type ReplayWindow = {
  /**
   * Records the message and returns true when it is new; false when it was recorded before, is too old to know, or cannot be remembered.
   *
   * Check and record are one call, so nothing can come between them. Call it only after the signature was found valid and the signer
   * permitted: otherwise anybody could fill the memory.
   */
  checkAndRecord(message: ReplayCheck): boolean;
  /** False when `checkAndRecord` would refuse the message now because of itself. Records nothing, so it may be asked about claims of strangers. */
  isNew(message: ReplayCheck): boolean;
  /** Messages held at the moment. At most `maxEntries`. */
  readonly size: number;
};

/** Bounds of a replay window. */
export type ReplayWindowOptions = {
  /** How long after its time stamp a message is remembered. At least the accepted age plus the accepted future. */
  readonly windowMs: number;
  /**
   * Most messages held. When full, the signer with the most loses its oldest time slice, or one that holds none is refused: memory is
   * bounded and a replay is still never accepted.
   */
  readonly maxEntries: number;
  /**
   * Most messages held of one signer. Above it the signer's own oldest time slice is forgotten and everything of this signer as old as it
   * is refused from then on. Default: `maxEntries`.
   */
  readonly maxEntriesPerSigner?: number;
  /**
   * Messages signed before this moment are refused. Set it to the start of the process plus the accepted future: what an earlier process
   * has accepted is forgotten, and it may be stamped as far ahead as that.
   */
  readonly notBeforeMs?: number;
};

/** What is remembered of one signer. */
type SignerMemory = {
  readonly slices: Map<number, Set<string>>;
  /** Messages held; all of a signer's slices together. */
  size: number;
  /** What was signed before is refused, because a part of it is forgotten. */
  floorMs: number;
};

const SLICES = 16;

/** A window over the recent past, in slices of time for each signer, so that forgetting costs little per message. */
export function createReplayWindow(options: ReplayWindowOptions): ReplayWindow {
  const { windowMs, maxEntries, maxEntriesPerSigner = maxEntries, notBeforeMs = Number.NEGATIVE_INFINITY } = options;
  const sliceMs = Math.max(1, Math.ceil(windowMs / SLICES));
  const signers = new Map<string, SignerMemory>();
  // The end of the newest slice that anybody's time has run out for. Never goes back, even when the clock does.
  let expiredMs = notBeforeMs;
  let size = 0;

  const forget = (memory: SignerMemory, index: number) => {
    const count = memory.slices.get(index)?.size ?? 0;
    memory.slices.delete(index);
    memory.size -= count;
    size -= count;
    memory.floorMs = Math.max(memory.floorMs, (index + 1) * sliceMs);
  };

  const forgetOldest = (memory: SignerMemory) => {
    let oldest = Number.POSITIVE_INFINITY;
    for (const index of memory.slices.keys()) oldest = Math.min(oldest, index);
    if (Number.isFinite(oldest)) forget(memory, oldest);
  };

  /** Forgets, at most once a slice, what is over for everybody, and the signers of whom nothing is left to know. */
  const expire = (horizonMs: number) => {
    const limitMs = Math.floor(horizonMs / sliceMs) * sliceMs;
    if (limitMs <= expiredMs) return;
    expiredMs = limitMs;
    for (const [signer, memory] of signers) {
      for (const index of [...memory.slices.keys()]) if ((index + 1) * sliceMs <= limitMs) forget(memory, index);
      if (memory.size === 0 && memory.floorMs <= expiredMs) signers.delete(signer);
    }
  };

  /** Makes room for one message of a signer who holds `ownCount`. False when nobody holds enough to give some up. */
  const makeRoom = (ownCount: number): boolean => {
    let largest: SignerMemory | null = null;
    for (const memory of signers.values()) if (memory.size > (largest?.size ?? 0)) largest = memory;
    if (largest === null || largest.size < Math.max(2, ownCount)) return false;
    forgetOldest(largest);
    return true;
  };

  const isNew = ({ signer, id, timestampMs, nowMs }: ReplayCheck): boolean => {
    if (!Number.isFinite(timestampMs)) return false;
    const horizonMs = nowMs - windowMs;
    expire(horizonMs);
    if (timestampMs < horizonMs || timestampMs < expiredMs) return false;
    const known = signers.get(signer);
    if (known !== undefined && timestampMs < known.floorMs) return false;
    return known?.slices.get(Math.floor(timestampMs / sliceMs))?.has(id) !== true;
  };

  return {
    isNew,
    checkAndRecord(message) {
      if (!isNew(message)) return false;
      const { signer, id, timestampMs } = message;
      const known = signers.get(signer);
      const index = Math.floor(timestampMs / sliceMs);
      if (known !== undefined && known.size >= maxEntriesPerSigner) forgetOldest(known);
      // A signer of whom only the floor is left takes memory as well, so signers are bounded like messages.
      if (size >= maxEntries && !makeRoom(known?.size ?? 0)) return false;
      if (known === undefined && signers.size >= maxEntries) return false;
      if (known !== undefined && timestampMs < known.floorMs) return false;
      const memory = known ?? { slices: new Map<number, Set<string>>(), size: 0, floorMs: Number.NEGATIVE_INFINITY };
      signers.set(signer, memory);
      const slice = memory.slices.get(index) ?? new Set<string>();
      memory.slices.set(index, slice);
      slice.add(id);
      memory.size += 1;
      size += 1;
      return true;
    },
    get size() {
      return size;
    },
  };
}
