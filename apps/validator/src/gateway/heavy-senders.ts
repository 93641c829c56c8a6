import type { FastifyRequest } from "fastify";
import type { Clock } from "../ports/index.js";
import { addressGroup } from "./address-group.js";
import { tooManyRequests } from "./api-error.js";

/** Keeps senders away whose requests stop the API for everybody. */
export type HeavySenders = {
  /** A standstill of the gateway that this sender's requests caused, as {@link addressGroup} names it. */
  note(sender: string): void;
  /** @throws {@link ApiError} 429. */
  assertWelcome(request: Pick<FastifyRequest, "ip">): void;
};

/** One standstill may be chance: a garbage collection in the wrong moment. */
const TOLERATED = 1;
const REMEMBERED_MS = 600_000;
const KEPT_AWAY_MS = 60_000;
const MAX_SENDERS = 1_000;

/** A memory of the last ten minutes: from the second standstill on a sender has to wait for a minute, with whatever key. */
export function createHeavySenders(clock: Pick<Clock, "monotonicMs">): HeavySenders {
  const standstills = new Map<string, readonly number[]>();
  return {
    note(sender) {
      const nowMs = clock.monotonicMs();
      const recent = (standstills.get(sender) ?? []).filter((atMs) => atMs > nowMs - REMEMBERED_MS).slice(-TOLERATED);
      standstills.delete(sender);
      const [oldest] = standstills.keys();
      if (standstills.size >= MAX_SENDERS && oldest !== undefined) standstills.delete(oldest);
      standstills.set(sender, [...recent, nowMs]);
    },
    assertWelcome({ ip }) {
      if (standstills.size === 0) return;
      const times = standstills.get(addressGroup(ip)) ?? [];
      const leftMs = (times.at(-1) ?? 0) + KEPT_AWAY_MS - clock.monotonicMs();
      if (times.length <= TOLERATED || leftMs <= 0) return;
      throw tooManyRequests("Requests from this address have kept the server from everybody else.", leftMs);
    },
  };
}
