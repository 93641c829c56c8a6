import type { HotkeyWeight, Metagraph } from "../port.js";

/**
 * Parts weights into those whose uid still belongs to their hotkey and those whose uid was given to another one or to nobody: a uid that
 * changed hands must not inherit what its former holder earned.
 */
export function keepOwnedWeights(
  weights: readonly HotkeyWeight[],
  metagraph: Pick<Metagraph, "neurons">,
): { readonly kept: readonly HotkeyWeight[]; readonly dropped: readonly HotkeyWeight[] } {
  const isOwned = ({ uid, hotkey }: HotkeyWeight) => metagraph.neurons[uid]?.hotkey === hotkey;
  return { kept: weights.filter(isOwned), dropped: weights.filter((weight) => !isOwned(weight)) };
}
