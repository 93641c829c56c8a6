import { safeUnits } from "../numbers.js";

/**
 * Task weights scaled to sum to 1, by task id in a stable order.
 *
 * @returns `ignored` names the tasks whose weight is not a finite number of 0 or more; they count as 0.
 */
export function normaliseTaskWeights(taskWeights: Readonly<Record<string, number>>): {
  readonly weights: ReadonlyMap<string, number>;
  readonly ignored: readonly string[];
} {
  const entries = Object.entries(taskWeights).sort(([a], [b]) => (a < b ? -1 : 1));
  const ignored = entries.filter(([, weight]) => safeUnits(weight) === 0 && weight !== 0).map(([taskId]) => taskId);
  const sum = entries.reduce((total, [, weight]) => total + safeUnits(weight), 0);
  return { weights: new Map(entries.map(([taskId, weight]) => [taskId, sum > 0 ? safeUnits(weight) / sum : 0])), ignored };
}
