import { sha256 } from "@noble/hashes/sha2.js";
import { drandStorage } from "../metadata/pallets/drand.js";
import { subtensorStorage } from "../metadata/pallets/subtensor-storage.js";
import type { State } from "../storage/state.js";
import type { Context } from "./context.js";
import type { Beacon } from "./timelock/beacon.js";

/**
 * Brings the chain up to the beacon's newest round.
 *
 * The chain's nodes fetch every pulse from the network; here the beacon is the node's own, and only the pulses that something waits for are made
 * (making one takes milliseconds) - `LastStoredRound` counts all of them.
 */
export function updatePulses(context: Context, beacon: Beacon, nowMs: number): void {
  const { state } = context;
  const newest = beacon.roundAt(nowMs);
  if (newest > state.get(drandStorage.lastStoredRound)) state.put(drandStorage.lastStoredRound, [], newest);
  const wanted = wantedRounds(state).filter((round) => round <= newest && !state.has(drandStorage.pulses, round));
  for (const round of wanted) {
    const signature = beacon.sign(round);
    state.put(drandStorage.pulses, [round], { round, randomness: sha256(signature), signature });
  }
  if (wanted.length > 0) context.emit({ type: "Drand", value: [{ type: "NewPulse", value: { rounds: wanted } }] });
}

function wantedRounds(state: State): readonly bigint[] {
  const rounds = new Set<bigint>();
  for (const [, commits] of state.entries(subtensorStorage.timelockedWeightCommits)) for (const [, , , round] of commits) rounds.add(round);
  return [...rounds].sort((left, right) => (left < right ? -1 : 1));
}
