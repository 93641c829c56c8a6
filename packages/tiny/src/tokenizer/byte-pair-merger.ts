import { invalidModel } from "../tiny-error.js";

/** Turns the token ids of single bytes into the ids that the merges make of them. */
export type BytePairMerger = (ids: readonly number[]) => number[];

type Merge = { readonly rank: number; readonly id: number };

function parseMerge(
  merge: string,
  idOf: ReadonlyMap<string, number>,
): { readonly left: number; readonly right: number; readonly id: number } {
  const space = merge.indexOf(" ");
  const [left, right] = [merge.slice(0, space), merge.slice(space + 1)];
  const ids = [idOf.get(left), idOf.get(right), idOf.get(left + right)];
  const [leftId, rightId, id] = ids;
  if (space < 1 || leftId === undefined || rightId === undefined || id === undefined) {
    throw invalidModel("A merge of the tokenizer names a token that is not in the vocabulary.", { merge });
  }
  return { left: leftId, right: rightId, id };
}

/**
 * A merger from the merge list of a byte-level BPE vocabulary, best merge first.
 *
 * Each pass applies the best merge present wherever it occurs, from left to right (Sennrich et al., 2016), so a text of n bytes costs at
 * most n passes over what is left of it; {@link createTokenizer} bounds n.
 *
 * @throws {@link TinyError} `TINY_INVALID_MODEL` when a merge does not lead from known tokens to a known token.
 */
export function createBytePairMerger(merges: readonly string[], idOf: ReadonlyMap<string, number>): BytePairMerger {
  const vocabularySize = idOf.size;
  const mergeOf = new Map<number, Merge>();
  merges.forEach((text, rank) => {
    const { left, right, id } = parseMerge(text, idOf);
    const key = left * vocabularySize + right;
    if (!mergeOf.has(key)) mergeOf.set(key, { rank, id });
  });

  function bestMerge(ids: readonly number[]): { readonly left: number; readonly right: number; readonly id: number } | undefined {
    let best: { readonly left: number; readonly right: number; readonly id: number } | undefined;
    let bestRank = Number.POSITIVE_INFINITY;
    let left = ids[0] ?? 0;
    for (let i = 1; i < ids.length; i++) {
      const right = ids[i] ?? 0;
      const merge = mergeOf.get(left * vocabularySize + right);
      if (merge !== undefined && merge.rank < bestRank) {
        bestRank = merge.rank;
        best = { left, right, id: merge.id };
      }
      left = right;
    }
    return best;
  }

  return (input) => {
    let ids = [...input];
    for (let merge = bestMerge(ids); merge !== undefined; merge = bestMerge(ids)) {
      const merged: number[] = [];
      for (let i = 0; i < ids.length; i++) {
        const id = ids[i] ?? 0;
        if (id === merge.left && ids[i + 1] === merge.right) {
          merged.push(merge.id);
          i++;
        } else merged.push(id);
      }
      ids = merged;
    }
    return ids;
  };
}
