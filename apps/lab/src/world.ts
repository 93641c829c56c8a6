/** A subnet to try strategies in. */
export type World = {
  readonly miners: number;
  readonly validators: number;
  /** Mean share of the declared capacity that users ask for, 0 to 1. Half of the honest miners get twice that, the others none. */
  readonly users: number;
  /** Tasks that every honest operator serves from one machine. */
  readonly taskIds: readonly string[];
  /** Tasks that nobody but the strategy serves. */
  readonly lonelyTaskIds: readonly string[];
  /** Requests an hour that one machine can answer, whatever the task. */
  readonly requestsPerHour: number;
  readonly hours: number;
  /** Until the last check of an hour is judged, hours; the others evenly before it. 0: all are before weights are set. */
  readonly checksWaitHours: number;
};

/** One task, ten miners, one validator, no users; ten days. */
export const defaultWorld: World = {
  miners: 10,
  validators: 1,
  users: 0,
  taskIds: ["chat-tiny"],
  lonelyTaskIds: [],
  requestsPerHour: 120,
  hours: 240,
  checksWaitHours: 0,
};

/** Weights are set this often, hours. */
export const SCORED_EVERY_HOURS = 3;

/** Sizes of the honest miners in machines: the first is the twin that strategies are compared with, the others from small to large. */
export function sizesOf(world: World): readonly number[] {
  return Array.from({ length: world.miners - 1 }, (_, index) => (index === 0 ? 1 : 0.5 * 2 ** ((index * 7) % 4)));
}
