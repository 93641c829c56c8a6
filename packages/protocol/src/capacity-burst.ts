/** Hours of its capacity that a validator saves up at most and then asks of a miner at once. */
export const VALIDATOR_BURST_HOURS = 1 / 8;

/** Hours of its capacity that a miner lets a validator save up: more than validators do, so that no request in time is refused. */
export const MINER_BURST_HOURS = 1 / 6;

/** The burst holds so many typical requests at least, else small capacities could never be used. */
const LEAST_REQUESTS = 2;

/**
 * Work units that can be asked for at once of a capacity that nobody has used for long. Afterwards it fills at its rate.
 *
 * @param burstHours - {@link VALIDATOR_BURST_HOURS}, or what the miner allows.
 * @returns Work units; 0 for no capacity.
 */
export function capacityBurstUnits(capacityPerHour: number, typicalUnits: number, burstHours: number): number {
  return capacityPerHour > 0 ? Math.max(capacityPerHour * burstHours, LEAST_REQUESTS * typicalUnits) : 0;
}
