import { ChainError } from "../errors/chain-error.js";
import type { HotkeyWeight } from "../port.js";

/** The error for weights of which none is left: every uid changed hands. */
export function allDropped(netuid: number, dropped: readonly HotkeyWeight[]): ChainError {
  return new ChainError({
    code: "CHAIN_INVALID_WEIGHTS",
    message: `None of the ${dropped.length} weights can be set: every uid belongs to another hotkey by now, or to nobody.`,
    facts: { netuid, uids: dropped.slice(0, 20).map(({ uid }) => uid) },
  });
}
