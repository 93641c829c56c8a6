import { adminUtilsErrorNames } from "../metadata/pallets/admin-utils.js";
import { balancesErrorNames } from "../metadata/pallets/balances.js";
import { commitmentsErrorNames } from "../metadata/pallets/commitments.js";
import { type SubtensorErrorName, subtensorErrorNames } from "../metadata/pallets/subtensor-errors.js";
import type { DispatchErrorValue } from "../metadata/types/common.js";

/**
 * Ends a dispatch: the chain's rule that was broken, by the chain's name.
 *
 * It is thrown inside the runtime only, where a broken rule has to unwind everything that the call did, and caught where calls are dispatched.
 */
export class DispatchFailure extends Error {
  override readonly name = "DispatchFailure";

  constructor(
    /** The chain's name of the error, e.g. `HotKeyNotRegisteredInSubNet`. */
    readonly chainName: string,
    /** The error as events carry it. */
    readonly value: DispatchErrorValue,
  ) {
    super(chainName);
  }
}

function moduleFailure(palletIndex: number, names: readonly string[], name: string): DispatchFailure {
  return new DispatchFailure(name, {
    type: "Module",
    value: [{ index: palletIndex, error: Uint8Array.of(names.indexOf(name), 0, 0, 0) }],
  });
}

/** The failure for an error of SubtensorModule. */
export function subtensorFailure(name: SubtensorErrorName): DispatchFailure {
  return moduleFailure(7, subtensorErrorNames, name);
}

/** The failure for an error of Balances. */
export function balancesFailure(name: (typeof balancesErrorNames)[number]): DispatchFailure {
  return moduleFailure(5, balancesErrorNames, name);
}

/** The failure for an error of Commitments. */
export function commitmentsFailure(name: (typeof commitmentsErrorNames)[number]): DispatchFailure {
  return moduleFailure(18, commitmentsErrorNames, name);
}

/** The failure for an error of AdminUtils. */
export function adminUtilsFailure(name: (typeof adminUtilsErrorNames)[number]): DispatchFailure {
  return moduleFailure(19, adminUtilsErrorNames, name);
}

/** The failure for a call from the wrong kind of origin. */
export function badOrigin(): DispatchFailure {
  return new DispatchFailure("BadOrigin", { type: "BadOrigin", value: [] });
}

/** The failure for a token operation, e.g. `FundsUnavailable`. */
export function tokenFailure(reason: "FundsUnavailable" | "BelowMinimum" | "NotExpendable"): DispatchFailure {
  return new DispatchFailure(`Token.${reason}`, { type: "Token", value: [reason] });
}

/** Throws the error of SubtensorModule unless the condition holds. */
export function ensure(condition: boolean, name: SubtensorErrorName): asserts condition {
  if (!condition) throw subtensorFailure(name);
}
