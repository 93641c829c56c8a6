/** Which refusals of miners follow from requests that this validator has cancelled. */
export type CancellationCredits = {
  /** A request was cancelled from here; `units` of its reservation may still be taken at the miner. */
  note(hotkey: string, taskId: string, units: number, nowMs: number): void;
  /** Whether a refusal for want of room may come from those, in which case its units are used up of them. */
  use(hotkey: string, taskId: string, units: number, nowMs: number): boolean;
};

/** A miner learns of a cancellation when its connection closes; what it frees then is free for the next request some time after. */
const KEPT_MS = 30_000;

type Credit = { units: number; readonly untilMs: number };

/**
 * Keeps what was cancelled for half a minute. A refusal is excused once for each unit that was cancelled, not for as long as somebody cancels:
 * else a miner's own user could excuse everything that it refuses.
 */
export function createCancellationCredits(): CancellationCredits {
  const credits = new Map<string, Credit[]>();
  const valid = (key: string, nowMs: number) => (credits.get(key) ?? []).filter(({ units, untilMs }) => units > 0 && nowMs < untilMs);
  return {
    note(hotkey, taskId, units, nowMs) {
      if (!(units > 0)) return;
      const key = `${hotkey} ${taskId}`;
      credits.set(key, [...valid(key, nowMs), { units, untilMs: nowMs + KEPT_MS }]);
    },
    use(hotkey, taskId, units, nowMs) {
      const key = `${hotkey} ${taskId}`;
      const left = valid(key, nowMs);
      if (left.length === 0) {
        credits.delete(key);
        return false;
      }
      let wanted = units;
      for (const credit of left) {
        const taken = Math.min(credit.units, wanted);
        credit.units -= taken;
        wanted -= taken;
      }
      credits.set(key, left);
      return true;
    },
  };
}
