import type { PlannedProbe } from "./planned-probe.js";

const BIG_FRACTION = 0.25;

/** Whether a plan tries so much of a capacity that it can prove or disprove it. */
export function isBigDraw({ triedFraction }: Pick<PlannedProbe, "triedFraction">): boolean {
  return triedFraction >= BIG_FRACTION;
}
