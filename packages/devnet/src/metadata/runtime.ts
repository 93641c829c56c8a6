import type { AnyCodec, Codec, ValueOf } from "../scale/codec.js";
import { vec } from "../scale/collections.js";
import { u32, u64 } from "../scale/primitives.js";
import { bare, holding, lazy, struct, unitVariant, variant } from "../scale/records.js";
import { constant, type Pallet } from "./pallet.js";
import { type AdminUtilsCall, adminUtilsCall, adminUtilsError } from "./pallets/admin-utils.js";
import { type BalancesCall, balancesCall, balancesConstants, balancesError, balancesEvent, balancesStorage } from "./pallets/balances.js";
import {
  type CommitmentsCall,
  commitmentsCall,
  commitmentsConstants,
  commitmentsError,
  commitmentsEvent,
  commitmentsStorage,
} from "./pallets/commitments.js";
import { drandEvent, drandStorage } from "./pallets/drand.js";
import { type SubtensorCall, subtensorCall } from "./pallets/subtensor-calls.js";
import { subtensorConstants } from "./pallets/subtensor-constants.js";
import { subtensorError } from "./pallets/subtensor-errors.js";
import { subtensorEvent } from "./pallets/subtensor-events.js";
import { subtensorStorage } from "./pallets/subtensor-storage.js";
import {
  phase,
  type RuntimeVersion,
  type SystemCall,
  systemCall,
  systemConstants,
  systemError,
  systemEvent,
  systemStorage,
} from "./pallets/system.js";
import { type TimestampCall, timestampCall, timestampStorage } from "./pallets/timestamp.js";
import { transactionPaymentConstants, transactionPaymentEvent, transactionPaymentStorage } from "./pallets/transaction-payment.js";
import { type AnyStorageItem, optionallyStored, stored } from "./storage-item.js";
import { accountId, dispatchError, dispatchResult, hash256 } from "./types/common.js";

/** A call of Utility. */
export type UtilityCall = {
  readonly type: "batch" | "batch_all" | "force_batch";
  readonly value: { readonly calls: readonly RuntimeCall[] };
};

/** A call of Sudo. */
export type SudoCall = { readonly type: "sudo"; readonly value: { readonly call: RuntimeCall } };

/** Any call: the pallet, and the call within it. */
export type RuntimeCall =
  | { readonly type: "System"; readonly value: readonly [SystemCall] }
  | { readonly type: "Timestamp"; readonly value: readonly [TimestampCall] }
  | { readonly type: "Balances"; readonly value: readonly [BalancesCall] }
  | { readonly type: "SubtensorModule"; readonly value: readonly [SubtensorCall] }
  | { readonly type: "Utility"; readonly value: readonly [UtilityCall] }
  | { readonly type: "Sudo"; readonly value: readonly [SudoCall] }
  | { readonly type: "Commitments"; readonly value: readonly [CommitmentsCall] }
  | { readonly type: "AdminUtils"; readonly value: readonly [AdminUtilsCall] };

/** Any call; calls may hold calls. */
export const runtimeCall: Codec<RuntimeCall> = lazy(() =>
  variant("node_subtensor_runtime::RuntimeCall", {
    System: holding(0, [systemCall]),
    Timestamp: holding(2, [timestampCall]),
    Balances: holding(5, [balancesCall]),
    SubtensorModule: holding(7, [subtensorCall]),
    Utility: holding(11, [utilityCall]),
    Sudo: holding(12, [sudoCall]),
    Commitments: holding(18, [commitmentsCall]),
    AdminUtils: holding(19, [adminUtilsCall]),
  }),
);

const anyParameter = [{ name: "T", codec: null }];
const calls = { calls: vec(runtimeCall) } as const;

const utilityCall: Codec<UtilityCall> = variant(
  "pallet_subtensor_utility::pallet::Call",
  { batch: holding(0, calls), batch_all: holding(2, calls), force_batch: holding(4, calls) },
  anyParameter,
);
const utilityEvent = variant("pallet_subtensor_utility::pallet::Event", {
  BatchInterrupted: holding(0, { index: u32, error: dispatchError }),
  BatchCompleted: bare(1),
  BatchCompletedWithErrors: bare(2),
  ItemCompleted: bare(3),
  ItemFailed: holding(4, { error: dispatchError }),
});
const utilityError = unitVariant("pallet_subtensor_utility::pallet::Error", ["TooManyCalls", "InvalidDerivedAccount"], anyParameter);

const sudoCall: Codec<SudoCall> = variant("pallet_sudo::pallet::Call", { sudo: holding(0, { call: runtimeCall }) }, anyParameter);
const sudoEvent = variant("pallet_sudo::pallet::Event", { Sudid: holding(0, { sudo_result: dispatchResult }) }, anyParameter);
const sudoError = unitVariant("pallet_sudo::pallet::Error", ["RequireSudo"], anyParameter);
/** Storage of Sudo: the account that may call as root. */
export const sudoStorage = { key: optionallyStored("Sudo", "Key", [], accountId) } as const;

/** Codec of the events of all pallets, by the pallets' indices. */
export const runtimeEvent = variant("node_subtensor_runtime::RuntimeEvent", {
  System: holding(0, [systemEvent]),
  Balances: holding(5, [balancesEvent]),
  TransactionPayment: holding(6, [transactionPaymentEvent]),
  SubtensorModule: holding(7, [subtensorEvent]),
  Utility: holding(11, [utilityEvent]),
  Sudo: holding(12, [sudoEvent]),
  Commitments: holding(18, [commitmentsEvent]),
  Drand: holding(26, [drandEvent]),
});
/** Any event: the pallet, and the event within it. */
export type RuntimeEvent = ValueOf<typeof runtimeEvent>;

/** Codec of the errors of all pallets, by the pallets' indices; for the metadata only. */
export const runtimeError = variant("node_subtensor_runtime::RuntimeError", {
  System: holding(0, [systemError]),
  Balances: holding(5, [balancesError]),
  SubtensorModule: holding(7, [subtensorError]),
  Utility: holding(11, [utilityError]),
  Sudo: holding(12, [sudoError]),
  Commitments: holding(18, [commitmentsError]),
  AdminUtils: holding(19, [adminUtilsError]),
});

/** Codec of one entry of the block's list of events. */
export const eventRecord = struct("frame_system::EventRecord", { phase, event: runtimeEvent, topics: vec(hash256) }, [
  { name: "E", codec: runtimeEvent },
  { name: "T", codec: hash256 },
]);
/** An event of a block: when in the block, and what. */
export type EventRecord = ValueOf<typeof eventRecord>;

/** Storage of System: the events of the block. */
export const eventsStorage = stored("System", "Events", [], vec(eventRecord), []);

/** Versions that clients sign; the spec version is that of the release whose rules this node follows. */
export const SPEC_VERSION = 425;
/** Version of the extrinsics' layout, which clients sign too. */
export const TRANSACTION_VERSION = 1;

/**
 * Pallets as declared, in order of index.
 *
 * @param blockTimeMs - Milliseconds between blocks, which clients read as twice the minimum period of Timestamp, or as the slot of Aura.
 */
export function declarePallets(version: RuntimeVersion, blockTimeMs: number): readonly Pallet[] {
  return [
    pallet("System", 0, {
      calls: systemCall,
      events: systemEvent,
      errors: systemError,
      storage: [...Object.values(systemStorage), eventsStorage],
      constants: systemConstants(version),
    }),
    pallet("Timestamp", 2, {
      calls: timestampCall,
      storage: Object.values(timestampStorage),
      constants: { MinimumPeriod: constant(u64, BigInt(Math.floor(blockTimeMs / 2))) },
    }),
    // Nobody takes turns here: the pallet is declared for the constant, by which Python's client tells how long a block takes.
    pallet("Aura", 3, { constants: { SlotDuration: constant(u64, BigInt(blockTimeMs)) } }),
    pallet("Balances", 5, {
      calls: balancesCall,
      events: balancesEvent,
      errors: balancesError,
      storage: Object.values(balancesStorage),
      constants: balancesConstants,
    }),
    pallet("TransactionPayment", 6, {
      events: transactionPaymentEvent,
      storage: Object.values(transactionPaymentStorage),
      constants: transactionPaymentConstants,
    }),
    pallet("SubtensorModule", 7, {
      calls: subtensorCall,
      events: subtensorEvent,
      errors: subtensorError,
      storage: Object.values(subtensorStorage),
      constants: subtensorConstants,
    }),
    pallet("Utility", 11, {
      calls: utilityCall,
      events: utilityEvent,
      errors: utilityError,
      constants: { batched_calls_limit: constant(u32, 10_922) },
    }),
    pallet("Sudo", 12, { calls: sudoCall, events: sudoEvent, errors: sudoError, storage: Object.values(sudoStorage) }),
    pallet("Commitments", 18, {
      calls: commitmentsCall,
      events: commitmentsEvent,
      errors: commitmentsError,
      storage: Object.values(commitmentsStorage),
      constants: commitmentsConstants,
    }),
    pallet("AdminUtils", 19, { calls: adminUtilsCall, errors: adminUtilsError }),
    pallet("Drand", 26, { events: drandEvent, storage: Object.values(drandStorage) }),
  ];
}

function pallet(
  name: string,
  index: number,
  parts: {
    readonly calls?: AnyCodec;
    readonly events?: AnyCodec;
    readonly errors?: AnyCodec;
    readonly storage?: readonly AnyStorageItem[];
    readonly constants?: Pallet["constants"];
  },
): Pallet {
  return {
    name,
    index,
    calls: parts.calls ?? null,
    events: parts.events ?? null,
    errors: parts.errors ?? null,
    storage: parts.storage ?? [],
    constants: parts.constants ?? {},
  };
}
