/**
 * Ids of the `count` largest logits, the largest first; ties go to the lower id.
 *
 * @param logits - One for each token.
 * @param count - 0 or more; at most as many ids as there are logits come back.
 */
export function selectTopTokens(logits: Float32Array, count: number): number[] {
  const best: number[] = [];
  if (count === 0) return best;
  let smallest = Number.NEGATIVE_INFINITY;
  logits.forEach((logit, id) => {
    if (best.length === count && logit <= smallest) return;
    let place = best.length;
    while (place > 0 && logit > (logits[best[place - 1] ?? 0] ?? 0)) place--;
    best.splice(place, 0, id);
    if (best.length > count) best.pop();
    smallest = logits[best[best.length - 1] ?? 0] ?? 0;
  });
  return best;
}
