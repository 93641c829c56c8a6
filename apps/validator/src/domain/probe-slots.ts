/** What a miner's plan needs, and how fast. */
export type ExpectedLoad = {
  /** Requests that are still to be answered, those under way included. */
  readonly requests: number;
  /** Time in which they are to be sent. */
  readonly timeLeftMs: number;
  /** How long an answer of typical length takes at the task's target. */
  readonly answerMs: number;
};

/** Requests that are under way at a time on average, if the miner is as fast as its task's target: rate times time (Little's law). */
export function expectedConcurrency({ requests, timeLeftMs, answerMs }: ExpectedLoad): number {
  return (requests * answerMs) / Math.max(timeLeftMs, answerMs, 1);
}

// A miner at a quarter of the target's speed is still asked for all of its plan; one that hangs holds no more than that.
const SLOWNESS = 4;
/** One request that hangs does not keep the next one waiting. */
const MIN_SLOTS = 2;

/** Most requests under way at one miner and task. */
export function slotsOfProbe(expected: number, maxSlots: number): number {
  return Math.min(Math.max(MIN_SLOTS, Math.ceil(SLOWNESS * expected)), maxSlots);
}

/** Slots for requests under way, shared by all miners. */
export type ProbeSlots = {
  /** What a miner's task needs on average; 0 when nothing of its plan is left. */
  setNeed(hotkey: string, taskId: string, expected: number): void;
  /** Forgets all needs; slots in use stay in use. */
  startPeriod(): void;
  /** Whether the miner may have one more. */
  hasRoom(hotkey: string): boolean;
  take(hotkey: string): void;
  release(hotkey: string): void;
  inUse(hotkey: string): number;
  readonly total: number;
};

// Answers come in bursts: twice the average is kept free for the others.
const RESERVE_FACTOR = 2;

type MinerSlots = { inUse: number; readonly needs: Map<string, number>; need: number };

/**
 * So many slots for all. A miner always gets its fair part of what it needs; more only while what the other miners need stays free. So
 * miners that hang hold their own part and nobody else's.
 */
export function createProbeSlots(maxSlots: number): ProbeSlots {
  const miners = new Map<string, MinerSlots>();
  let total = 0;
  /** What is to stay free for all miners together; null when it has to be summed up anew. */
  let reserved: number | null = null;

  const of = (hotkey: string): MinerSlots => {
    const known = miners.get(hotkey) ?? { inUse: 0, needs: new Map(), need: 0 };
    miners.set(hotkey, known);
    return known;
  };
  const reserveOf = ({ need, inUse }: MinerSlots) => Math.max(0, RESERVE_FACTOR * need - inUse);
  const reserve = (): number => {
    if (reserved === null) {
      reserved = 0;
      for (const miner of miners.values()) reserved += reserveOf(miner);
    }
    return reserved;
  };

  return {
    setNeed(hotkey, taskId, expected) {
      const miner = of(hotkey);
      miner.need = Math.max(0, miner.need - (miner.needs.get(taskId) ?? 0) + expected);
      miner.needs.set(taskId, expected);
      reserved = null;
    },
    startPeriod() {
      for (const [hotkey, { inUse }] of miners) {
        if (inUse === 0) miners.delete(hotkey);
        else miners.set(hotkey, { inUse, needs: new Map(), need: 0 });
      }
      reserved = null;
    },
    hasRoom(hotkey) {
      if (total >= maxSlots) return false;
      const miner = of(hotkey);
      const fairPart = Math.max(1, Math.floor(maxSlots / miners.size));
      if (miner.inUse < Math.min(Math.max(1, Math.ceil(RESERVE_FACTOR * miner.need)), fairPart)) return true;
      return maxSlots - total > reserve() - reserveOf(miner);
    },
    take(hotkey) {
      of(hotkey).inUse += 1;
      total += 1;
      reserved = null;
    },
    release(hotkey) {
      of(hotkey).inUse -= 1;
      total -= 1;
      reserved = null;
    },
    inUse: (hotkey) => miners.get(hotkey)?.inUse ?? 0,
    get total() {
      return total;
    },
  };
}
