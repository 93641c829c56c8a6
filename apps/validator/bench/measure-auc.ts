/**
 * Probability that a positive has a higher score than a negative, ties counting half (Mann-Whitney U over the product of the counts).
 * NaN without one of each.
 */
export function measureAuc(scores: readonly number[], arePositive: readonly boolean[]): number {
  const order = [...scores.keys()].sort((one, other) => (scores[one] ?? 0) - (scores[other] ?? 0));
  let positiveRanks = 0;
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && scores[order[end] ?? 0] === scores[order[start] ?? 0]) end += 1;
    for (let place = start; place < end; place += 1) if (arePositive[order[place] ?? 0] === true) positiveRanks += (start + end + 1) / 2;
    start = end;
  }
  const positives = arePositive.filter((isPositive) => isPositive).length;
  return (positiveRanks - (positives * (positives + 1)) / 2) / (positives * (scores.length - positives));
}
