import type { Random } from "@vision/scoring/probing";
import { selectOwner } from "../domain/rendezvous.js";
import { expectedFirstTokenMs, isOnProbation, routingScore, waitMs } from "../domain/routing-record.js";
import type { Candidate, CapacityLedger } from "../ports/index.js";

/** What a miner is chosen by, besides what is known of each. */
export type RoutingState = {
  readonly ledger: Pick<CapacityLedger, "free" | "freeFraction" | "inFlight">;
  /** Work units that the request may take. */
  readonly units: number;
  readonly nowMs: number;
  /** The beginning that this conversation's requests share; null for a request that has none. */
  readonly prefix: string | null;
  /** How many times the least load a conversation's own miner may have, to be asked all the same: 1 or more. */
  readonly affinityFactor: number;
};

/** Miners below this share of the best one's routing score are asked only where no better one can be. A newcomer is below it among good ones. */
const GOOD_FRACTION = 0.7;
/** Stands for nothing, where dividing by nothing would make all that is nothing the same. */
const LEAST = 1e-6;

type Rated = { readonly candidate: Candidate; readonly load: number };

/**
 * The miner to ask, or null where none can be: of those with room for the request that are neither spared nor broken, and among these of the
 * good ones.
 *
 * A conversation has a miner of its own, whose cache may hold its beginning, and goes there while that one's load is within a bound of the
 * least. Otherwise two are drawn and the less loaded is asked: to ask the least loaded of all would send everybody there at once.
 *
 * Load is (requests in flight + 1) x expected time to the first token, over routing score x share of the capacity that is free ({@link CapacityLedger.freeFraction}).
 */
export function selectMiner(candidates: readonly Candidate[], state: RoutingState, rng: Random): Candidate | null {
  const rated = rate(candidates, state);
  if (rated.length <= 1) return rated[0]?.candidate ?? null;
  if (state.prefix !== null) {
    const owner =
      rated[
        selectOwner(
          state.prefix,
          rated.map(({ candidate }) => candidate.target.hotkey),
        )
      ];
    const least = Math.min(...rated.map(({ load }) => load));
    if (owner !== undefined && owner.load <= least * state.affinityFactor) return owner.candidate;
  }
  const first = rng.nextInt(rated.length);
  const step = 1 + rng.nextInt(rated.length - 1);
  const [a, b] = [rated[first], rated[(first + step) % rated.length]];
  if (a === undefined || b === undefined) return null;
  return b.load < a.load ? b.candidate : a.candidate;
}

/** The good ones among those that can be asked, with their loads. */
function rate(candidates: readonly Candidate[], { ledger, units, nowMs }: RoutingState): readonly Rated[] {
  const able = candidates.flatMap((candidate) => {
    const { taskId, record, target } = candidate;
    const free = ledger.free(target.hotkey, taskId);
    if (free < units || waitMs(record, nowMs) > 0) return [];
    const inFlight = ledger.inFlight(target.hotkey);
    if (isOnProbation(record) && inFlight > 0) return [];
    const freeFraction = ledger.freeFraction(target.hotkey, taskId);
    return [{ candidate, inFlight, freeFraction, score: routingScore(record), firstTokenMs: expectedFirstTokenMs(record, nowMs) }];
  });
  const known = able.flatMap(({ firstTokenMs }) => (firstTokenMs === null ? [] : [firstTokenMs]));
  // Of one that nothing is known of an ordinary time is expected.
  const usualMs = known.length === 0 ? 1 : known.reduce((sum, each) => sum + each, 0) / known.length;
  const bestScore = Math.max(0, ...able.map(({ score }) => score));
  return able
    .filter(({ score }) => score >= bestScore * GOOD_FRACTION)
    .map(({ candidate, inFlight, freeFraction, score, firstTokenMs }) => ({
      candidate,
      load: ((inFlight + 1) * Math.max(1, firstTokenMs ?? usualMs)) / Math.max(LEAST, score * freeFraction),
    }));
}
