import type { PeriodRows } from "../period-rows.js";

// One wrong answer among those that were checked is forgiven: a single odd verdict takes nothing from an honest miner.
const FORGIVEN_ANSWERS = 1;

/**
 * Share of a period's answers that counts as work, by the checks of that period. 1 where nothing was checked: what nobody looked at is
 * held against nobody.
 *
 * @param passed - Sum of the verdicts, 0 to `checked`.
 */
function verifiedFraction(checked: number, passed: number): number {
  return checked > 0 ? Math.min(1, (passed + FORGIVEN_ANSWERS) / checked) : 1;
}

/**
 * Counts only verified work from here on: of what was answered, the share that the period's checks do not bear out becomes failed volume.
 *
 * One more right answer among those checked never lowers the share. A period of which it is known that none of its answers was checked
 * proves no capacity; where the record does not say, all of its completed volume does.
 */
export function keepVerifiedWork(rows: PeriodRows): void {
  for (let index = 0; index < rows.length; index += 1) {
    const checked = rows.checked[index] ?? 0;
    if (checked === 0) rows.completed[index] = 0;
    const fraction = verifiedFraction(checked, rows.passed[index] ?? 0);
    if (fraction === 1) continue;
    const served = rows.served[index] ?? 0;
    rows.served[index] = served * fraction;
    rows.failed[index] = (rows.failed[index] ?? 0) + served * (1 - fraction);
    rows.completed[index] = (rows.completed[index] ?? 0) * fraction;
  }
}
