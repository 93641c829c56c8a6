/**
 * Bonus by rank of the speed, as the reference's successor computes it, with its holes: zero-sum, and one slow answer decides for new
 * miners.
 *
 * Source: facts on the reference subnet, section 1.6.
 *
 * @param metrics - Speed metrics by miner, any unit, higher is better. Miners without any are left out.
 * @returns By miner, -`bonus` / 2 (slowest) to +`bonus` / 2 (fastest); 0 for a lone miner.
 */
export function speedBonusByRank(
  metrics: ReadonlyMap<string, readonly number[]>,
  params: { readonly percentile: number; readonly bonus: number },
): ReadonlyMap<string, number> {
  const ranked = [...metrics]
    .filter(([, values]) => values.length > 0)
    .map(([miner, values]) => {
      const sorted = [...values].sort((a, b) => a - b);
      return { miner, metric: sorted[Math.floor(sorted.length * params.percentile)] ?? 0 };
    })
    .sort((a, b) => b.metric - a.metric || (a.miner < b.miner ? -1 : 1));
  return new Map(ranked.map(({ miner }, rank) => [miner, ranked.length > 1 ? params.bonus * (0.5 - rank / (ranked.length - 1)) : 0]));
}
