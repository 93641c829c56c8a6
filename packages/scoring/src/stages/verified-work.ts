import { type PeriodRows, toUsualLength } from "../period-rows.js";

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

// As many as are checked of a small draw. Miners take turns at the checker, so all have so many at about the same time; half of the claims made
// up and a lucky draw of five right ones among six is one in ten.
const ENOUGH_JUDGED = 6;

/**
 * Counts only verified work from here on: of what was answered, the share that the period's checks do not bear out becomes failed volume.
 *
 * One more right answer among those checked never lowers the share. A period of which it is known that none of its answers was checked
 * proves no capacity; where the record does not say, all of its completed volume does.
 *
 * While checks wait that is the validator's doing: nothing is held against the miner for it, and its period bears out what earlier ones have
 * proven, but no more before enough is judged. So a validator that falls behind moves nobody, and pays nobody in advance.
 */
export function keepVerifiedWork(rows: PeriodRows, periodsPerHour: number): void {
  let provenBefore = 0;
  for (let index = 0; index < rows.length; index += 1) {
    const checked = rows.checked[index] ?? 0;
    const passed = rows.passed[index] ?? 0;
    const waiting = rows.waiting[index] ?? 0;
    const completed = rows.completed[index] ?? 0;
    const toUsual = toUsualLength(rows, index, periodsPerHour);
    const fraction = verifiedFraction(checked, passed);
    if (waiting > 0 && checked < ENOUGH_JUDGED) rows.completed[index] = Math.min(completed * fraction, provenBefore / toUsual);
    else if (checked === 0) rows.completed[index] = 0;
    else if (fraction !== 1) rows.completed[index] = completed * fraction;
    provenBefore = Math.max(provenBefore, (rows.completed[index] ?? 0) * toUsual);
    if (fraction === 1) continue;
    const served = rows.served[index] ?? 0;
    rows.served[index] = served * fraction;
    rows.failed[index] = (rows.failed[index] ?? 0) + served * (1 - fraction);
  }
}
