import { createMersenneTwister } from "./mersenne-twister.js";
import type { DrawPlace } from "./scored-position.js";

const MOST_ALIGNMENTS = 8; // places where one candidate is left come one by one; more than a few open questions never stay open
const NEVER = 1e9;

function logOdds(fraction: number): number {
  if (fraction <= 0) return Number.NEGATIVE_INFINITY;
  return fraction >= 1 ? Number.POSITIVE_INFINITY : Math.log(fraction / (1 - fraction));
}

/** Where the returned token lies in the distribution that is drawn from, as shares of the whole; or how far it is outside. */
type Interval = { readonly from: number; readonly to: number; readonly outsideNats: number };

function intervalOf({ candidates, cuts }: DrawPlace, temperature: number, topK: number): Interval {
  const { logits, own, restFraction } = candidates;
  const massOf = (index: number) => Math.exp(((logits[index] ?? 0) - (logits[0] ?? 0)) / temperature);
  const last = logits.length - 1;
  let before = 0;
  let least = 0;
  let most = 0;
  for (let index = 0; index <= last; index += 1) {
    const mass = massOf(index);
    if (index < own) before += mass;
    if (index <= own || (cuts.sure[index] ?? 0) >= 0) least += mass;
    if (index <= own || (cuts.possible[index] ?? 0) >= 0) most += mass;
  }
  // Candidates beyond the listed ones: none, or as many as top-k leaves, none likelier than the last listed one.
  const isOpen = restFraction > 0 && (cuts.possible[last] ?? 0) >= 0;
  const unlisted = isOpen ? Math.max(0, topK > 0 ? topK - logits.length : NEVER) * massOf(last) : 0;
  return {
    from: before / (most + unlisted),
    to: Math.min(1, (before + massOf(own) + (own === last ? unlisted : 0)) / least),
    outsideNats: Math.max(0, -(cuts.possible[own] ?? 0)),
  };
}

/** How far the drawn number is from the token's interval, nats. */
function drawMargin({ from, to, outsideNats }: Interval, drawn: number, temperature: number): number {
  if (drawn >= from && drawn <= to) return outsideNats;
  const gap = drawn < from ? logOdds(from) - logOdds(drawn) : logOdds(drawn) - logOdds(to);
  return Math.max(outsideNats, temperature * gap);
}

type Alignment = { readonly drawn: number; readonly cost: number; readonly margin: number; readonly earlier: Alignment | null };

/**
 * Distances of llama.cpp's draws: one number of its Mersenne twister a token, and the token is the one whose share of the running sum
 * holds it.
 *
 * Where a single candidate is left, older versions draw no number and newer ones draw one; and whether one is left is a matter of the
 * last bits of a logit. So the numbers that were drawn are aligned with the tokens at the least cost over the whole answer.
 */
export function measureLlamaDraws(
  places: readonly DrawPlace[],
  { temperature, seed, topK }: { readonly temperature: number; readonly seed: number; readonly topK: number },
): readonly number[] {
  const twister = createMersenneTwister(seed);
  const numbers = places.map(() => twister.nextDouble());
  let open: readonly Alignment[] = [{ drawn: 0, cost: 0, margin: 0, earlier: null }];
  for (const place of places) {
    const interval = intervalOf(place, temperature, topK);
    // What it takes for this token to be the only one left.
    const aloneNats = place.candidates.own === 0 ? Math.max(0, place.cuts.sure[1] ?? 0) : Number.POSITIVE_INFINITY;
    const next = new Map<number, Alignment>();
    const offer = (drawn: number, margin: number, earlier: Alignment) => {
      const cost = earlier.cost + Math.min(margin, NEVER);
      const known = next.get(drawn);
      if (known === undefined || cost < known.cost) next.set(drawn, { drawn, cost, margin, earlier });
    };
    for (const alignment of open) {
      offer(alignment.drawn + 1, drawMargin(interval, numbers[alignment.drawn] ?? 0, temperature), alignment);
      if (Number.isFinite(aloneNats)) offer(alignment.drawn, aloneNats, alignment);
    }
    open = [...next.values()].sort((a, b) => a.cost - b.cost || b.drawn - a.drawn).slice(0, MOST_ALIGNMENTS);
  }
  const margins: number[] = [];
  for (let at: Alignment | null = open[0] ?? null; at?.earlier != null; at = at.earlier) margins.push(at.margin);
  return margins.reverse();
}
