/** Nearest integer; a tie goes to the even neighbour, as Python's `round` does. For values from 0 to 2^52. */
export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
