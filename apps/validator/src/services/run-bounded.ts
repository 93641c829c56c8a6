/**
 * Runs a job for every item, at most `concurrency` at a time. Results are in the order of the items. A job that rejects takes only itself
 * down: its error is its result.
 */
export async function runBounded<Item, Result>(
  items: readonly Item[],
  concurrency: number,
  job: (item: Item) => Promise<Result>,
): Promise<readonly PromiseSettledResult<Result>[]> {
  const results: PromiseSettledResult<Result>[] = [];
  let next = 0;
  const work = async () => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index] as Item;
      try {
        results[index] = { status: "fulfilled", value: await job(item) };
      } catch (reason) {
        results[index] = { status: "rejected", reason };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(concurrency, items.length)) }, work));
  return results;
}
