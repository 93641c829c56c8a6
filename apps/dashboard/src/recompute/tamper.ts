import type { EpochObservations } from "@vision/scoring";

/** Observations with one number changed, and which; for seeing that it is noticed. Null where there is nothing to change. */
export function tamper(observations: EpochObservations): { readonly observations: EpochObservations; readonly what: string } | null {
  const series = observations.series.find(({ periods }) => periods.some(({ completedUnits }) => completedUnits > 0));
  const tally = series?.periods.find(({ completedUnits }) => completedUnits > 0);
  if (series === undefined || tally === undefined) return null;
  const changed = {
    ...series,
    periods: series.periods.map((each) => (each === tally ? { ...each, completedUnits: each.completedUnits / 2 } : each)),
  };
  return {
    observations: { ...observations, series: observations.series.map((each) => (each === series ? changed : each)) },
    what: `series[${series.hotkey}, ${series.taskId}].periods[${tally.period}].completedUnits: ${tally.completedUnits} became ${tally.completedUnits / 2}`,
  };
}
