import type { RuntimeEvent } from "../metadata/runtime.js";
import type { Hash } from "../metadata/types/common.js";
import type { State } from "../storage/state.js";
import type { DispatchFailure } from "./dispatch-failure.js";

/** What a rule of the chain may look at and change: storage, the block it runs in, and the events that it leaves. */
export type Context = {
  readonly state: State;
  readonly blockNumber: number;
  readonly parentHash: Hash;
  /** Records an event of the current phase. */
  emit(event: RuntimeEvent): void;
};

/** Who a call comes from. */
export type Origin = { readonly kind: "signed"; readonly account: string } | { readonly kind: "root" } | { readonly kind: "none" };

/** What a call came to. */
export type DispatchOutcome = { readonly ok: true } | { readonly ok: false; readonly failure: DispatchFailure };
