import type { ValueOf } from "../../scale/codec.js";
import { bool, compactU64, u64 } from "../../scale/primitives.js";
import { holding, unitVariant, variant } from "../../scale/records.js";
import { constant } from "../pallet.js";
import { stored } from "../storage-item.js";
import { accountId, multiAddress } from "../types/common.js";

const anyParameter = [{ name: "T", codec: null }];

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
export type BalancesCall = ValueOf<typeof balancesCall>;

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
export type BalancesEvent = ValueOf<typeof balancesEvent>;

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
export const balancesError = unitVariant("pallet_balances::pallet::Error", balancesErrorNames, [
  { name: "T", codec: null },
  { name: "I", codec: null },
]);

/** An account below this many RAO is removed. */
export const EXISTENTIAL_DEPOSIT_RAO = 500n;

export const balancesStorage = { totalIssuance: stored("Balances", "TotalIssuance", [], u64, 0n) } as const;
export const balancesConstants = { ExistentialDeposit: constant(u64, EXISTENTIAL_DEPOSIT_RAO) } as const;
