/** What is left of work units per hour in one period. */
export function unitsPerPeriod(capacityPerHour: number, periodMs: number): number {
  return (capacityPerHour * periodMs) / 3_600_000;
}
