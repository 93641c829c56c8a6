import { type Finding, fail, ok, warn } from "./finding.js";

/** This machine's clock beside the chain's newest block. */
export type ChainTime = {
  readonly wallMs: number;
  /** Time of the newest block, Unix seconds. */
  readonly headSeconds: number;
  readonly blockNumber: number;
};

/** Peers refuse what was signed so much later than their own clock says: @vision/signing's default. */
const REFUSED_AHEAD_MS = 4_000;
/** Peers refuse what is older. */
const REFUSED_AGE_MS = 8_000;
/** Two blocks of 12 s, the reading of them, and peers' patience: an older one says that a clock is ahead or that the chain stands. */
const PLAUSIBLE_AGE_MS = 32_000;
/** A node so many blocks behind, 25, is not followed where there is another. */
const STALE_AGE_MS = 300_000;

/**
 * This machine's clock by the chain's. A block that is newer than the clock proves the clock slow; an old one may be the chain's fault,
 * so that only a warning comes of it.
 */
export function judgeClock({ wallMs, headSeconds }: ChainTime): Finding {
  const ageMs = wallMs - headSeconds * 1_000;
  const setIt = "Have it set by NTP (timedatectl set-ntp true): signatures carry the time, and peers refuse those of another.";
  if (ageMs < -REFUSED_AGE_MS) return fail(`this machine's clock is at least ${describe(-ageMs)} slow`, setIt);
  if (ageMs < -REFUSED_AHEAD_MS / 2) return warn(`this machine's clock is at least ${describe(-ageMs)} slow`, setIt);
  if (ageMs > PLAUSIBLE_AGE_MS) {
    return warn(
      `this machine's clock is ${describe(ageMs)} ahead of the newest block`,
      `Unless the chain stands still, the clock is fast. ${setIt}`,
    );
  }
  return ok("agrees with the chain's");
}

/** Whether the node is at the head of its chain. */
export function judgeHead({ wallMs, headSeconds, blockNumber }: ChainTime, node: string): Finding {
  const ageMs = wallMs - headSeconds * 1_000;
  if (ageMs <= STALE_AGE_MS) return ok(`${node}, block ${blockNumber}`);
  return fail(
    `${node} is at block ${blockNumber}, which is ${describe(ageMs)} old`,
    "The node is stuck or still syncing (or this machine's clock is fast): name another first in chain.endpoints.",
  );
}

function describe(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}
