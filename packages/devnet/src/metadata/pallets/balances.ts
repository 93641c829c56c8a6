import type { ValueOf } from "../../scale/codec.js";
import { bool, compactU64, u64 } from "../../scale/primitives.js";
import { holding, unitVariant, variant } from "../../scale/records.js";
import { constant } from "../pallet.js";
import { stored } from "../storage-item.js";
import { accountId, multiAddress } from "../types/common.js";

const anyParameter = [{ name: "T", codec: null }];

/** The calls of Balances that this node runs. Amounts are in RAO. */
export const balancesCall = variant(
  "pallet_balances::pallet::Call",
  {
    transfer_allow_death: holding(0, { dest: multiAddress, value: compactU64 }),
    transfer_keep_alive: holding(3, { dest: multiAddress, value: compactU64 }),
    transfer_all: holding(4, { dest: multiAddress, keep_alive: bool }),
    force_set_balance: holding(8, { who: multiAddress, new_free: compactU64 }),
  },
  anyParameter,
);
/** A call of Balances: its name and its arguments. */
export type BalancesCall = ValueOf<typeof balancesCall>;

/** The events of Balances that this node declares. Amounts are in RAO. */
export const balancesEvent = variant(
  "pallet_balances::pallet::Event",
  {
    Endowed: holding(0, { account: accountId, free_balance: u64 }),
    DustLost: holding(1, { account: accountId, amount: u64 }),
    Transfer: holding(2, { from: accountId, to: accountId, amount: u64 }),
    BalanceSet: holding(3, { who: accountId, free: u64 }),
    Deposit: holding(7, { who: accountId, amount: u64 }),
    Withdraw: holding(8, { who: accountId, amount: u64 }),
  },
  anyParameter,
);

/** Errors of Balances by name; the position is the error's index. */
export const balancesErrorNames = [
  "VestingBalance",
  "LiquidityRestrictions",
  "InsufficientBalance",
  "ExistentialDeposit",
  "Expendability",
  "ExistingVestingSchedule",
  "DeadAccount",
  "TooManyReserves",
  "TooManyHolds",
  "TooManyFreezes",
  "IssuanceDeactivated",
  "DeltaZero",
] as const;
/** The error enum of Balances as the metadata describes it. */
export const balancesError = unitVariant("pallet_balances::pallet::Error", balancesErrorNames, [
  { name: "T", codec: null },
  { name: "I", codec: null },
]);

/** An account below this many RAO is removed. */
export const EXISTENTIAL_DEPOSIT_RAO = 500n;

/** Storage of Balances: the total issuance in RAO. The accounts themselves are in System. */
export const balancesStorage = { totalIssuance: stored("Balances", "TotalIssuance", [], u64, 0n) } as const;
/** Constants of Balances; the existential deposit in RAO. */
export const balancesConstants = { ExistentialDeposit: constant(u64, EXISTENTIAL_DEPOSIT_RAO) } as const;
