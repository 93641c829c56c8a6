import type { HotkeyWeight, Metagraph, WeightU16 } from "../port.js";

/** Weights with the hotkeys that their uids belong to in a metagraph; a uid that is not in it is left out. */
export function nameHotkeys(weights: readonly WeightU16[], metagraph: Pick<Metagraph, "neurons">): readonly HotkeyWeight[] {
  return weights.flatMap((weight) => {
    const hotkey = metagraph.neurons[weight.uid]?.hotkey;
    return hotkey === undefined ? [] : [{ ...weight, hotkey }];
  });
}
