import type { ReportedValidator } from "./report.js";

const percent = (fraction: number) => `${Math.round(100 * fraction)} %`;

/** One line per validator of the lab's subnets, as cells: who it is one of, what it does, stake, trust, least trust, dividends. */
export function validatorRows(validators: readonly ReportedValidator[]): readonly (readonly string[])[] {
  return validators.map(({ bench, kind, stakeFraction, trust, lowestTrust, dividendsPerStake }) => [
    ...[bench, kind, percent(stakeFraction)],
    ...[trust.toFixed(3), lowestTrust.toFixed(3), dividendsPerStake.toFixed(3)],
  ]);
}

/** Heads of {@link validatorRows}. */
export const validatorHeads: readonly string[] = ["validators", "this one", "stake", "vtrust", "least", "dividends per stake"];
