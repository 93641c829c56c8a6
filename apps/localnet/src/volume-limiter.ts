/** Says whether so many work units of a task fit now, and takes them if they do. */
export type VolumeLimiter = (taskId: string, units: number) => boolean;

export type VolumeLimiterOptions = {
  /** Work units per hour by task; a task that is not named has no limit. */
  readonly limitPerHour: Readonly<Record<string, number>>;
  /** A clock that never goes back, milliseconds. */
  readonly now: () => number;
};

/** Seconds of volume that a limited miner can serve at once before it is full. */
const BURST_SECONDS = 4;

/** What a machine can do, by task: refilled by the hour's rate, never above the burst. */
export function createVolumeLimiter({ limitPerHour, now }: VolumeLimiterOptions): VolumeLimiter {
  const buckets = new Map<string, { units: number; atMs: number }>();
  return (taskId, units) => {
    const perSecond = (limitPerHour[taskId] ?? Number.POSITIVE_INFINITY) / 3600;
    if (!Number.isFinite(perSecond)) return true;
    const nowMs = now();
    const full = Math.max(perSecond * BURST_SECONDS, units);
    const bucket = buckets.get(taskId) ?? { units: full, atMs: nowMs };
    const free = Math.min(full, bucket.units + ((nowMs - bucket.atMs) / 1000) * perSecond);
    const isFree = free >= units;
    buckets.set(taskId, { units: isFree ? free - units : free, atMs: nowMs });
    return isFree;
  };
}
