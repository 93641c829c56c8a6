/**
 * Share of a task's weight that is paid, by what its miners serve together: in full from `fullVolume` on, below it in proportion. What is
 * not paid goes to the other tasks, as that of a task that nobody serves.
 *
 * @param totalEffectiveVolume - Sum over the task's miners, 0 or more.
 * @param fullVolume - 0: in full for any volume.
 * @returns 0 to 1.
 */
export function paidTaskFraction(totalEffectiveVolume: number, fullVolume: number): number {
  if (totalEffectiveVolume <= 0) return 0;
  return totalEffectiveVolume >= fullVolume ? 1 : totalEffectiveVolume / fullVolume;
}
