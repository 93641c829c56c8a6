import type { Candidate, CapacityLedger } from "../ports/index.js";

/**
 * Miners to ask for a request, best first: those with room for it, by routing score times the share of their capacity that is free. So the
 * best miners get most, and hand over to the next ones as they fill up. Miners with a score of 0 come last, the emptiest first.
 *
 * @param units - Work units that the request may take.
 */
export function selectCandidates(
  candidates: readonly Candidate[],
  ledger: Pick<CapacityLedger, "free" | "inFlight">,
  units: number,
): readonly Candidate[] {
  return candidates
    .map((candidate) => {
      const { hotkey } = candidate.target;
      const free = ledger.free(hotkey, candidate.taskId);
      const freeFraction = candidate.capacityPerHour > 0 ? free / candidate.capacityPerHour : 0;
      return { candidate, free, freeFraction, merit: candidate.routingScore * freeFraction, inFlight: ledger.inFlight(hotkey) };
    })
    .filter(({ free }) => free >= units)
    .sort(
      (a, b) =>
        b.merit - a.merit ||
        b.freeFraction - a.freeFraction ||
        a.inFlight - b.inFlight ||
        (a.candidate.target.hotkey < b.candidate.target.hotkey ? -1 : 1),
    )
    .map(({ candidate }) => candidate);
}
