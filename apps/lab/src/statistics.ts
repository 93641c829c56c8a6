/** A mean and half of its 95 % interval. */
export type Estimate = { readonly mean: number; readonly margin: number };

/** Mean of independent values with its 95 % interval; the margin of a single value is infinite. */
function estimate(values: readonly number[]): Estimate {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2) return { mean, margin: Number.POSITIVE_INFINITY };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, margin: 1.96 * Math.sqrt(variance / values.length) };
}

/** Ratio of the means of paired values, with the 95 % interval of the delta method. */
export function estimateRatio(numerators: readonly number[], denominators: readonly number[]): Estimate {
  const top = estimate(numerators).mean;
  const bottom = estimate(denominators).mean;
  if (bottom === 0) return { mean: 0, margin: 0 };
  const ratio = top / bottom;
  const { margin } = estimate(numerators.map((value, index) => (value - ratio * (denominators[index] ?? 0)) / bottom));
  return { mean: ratio, margin };
}

function ranks(values: readonly number[]): readonly number[] {
  const order = values.map((value, index) => ({ value, index })).sort((a, b) => a.value - b.value);
  const result = new Array<number>(values.length).fill(0);
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && order[end]?.value === order[start]?.value) end += 1;
    for (let index = start; index < end; index += 1) result[order[index]?.index ?? 0] = (start + end - 1) / 2;
  }
  return result;
}

/** Pearson's correlation; 0 if one side does not vary. */
export function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [estimate(a).mean, estimate(b).mean];
  let [covariance, varianceA, varianceB] = [0, 0, 0];
  for (let index = 0; index < a.length; index += 1) {
    const [left, right] = [(a[index] ?? 0) - meanA, (b[index] ?? 0) - meanB];
    covariance += left * right;
    varianceA += left * left;
    varianceB += right * right;
  }
  return varianceA > 0 && varianceB > 0 ? covariance / Math.sqrt(varianceA * varianceB) : 0;
}

/** Spearman's rank correlation, ties at their mean rank. */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number {
  return correlation(ranks(a), ranks(b));
}
