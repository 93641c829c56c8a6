import { option } from "../../scale/collections.js";
import { u8, u64, u128 } from "../../scale/primitives.js";
import { holding, newtype, struct, variant } from "../../scale/records.js";
import { constant } from "../pallet.js";
import { stored } from "../storage-item.js";
import { accountId, dispatchClass, weight } from "../types/common.js";

/** The event of TransactionPayment; amounts are in RAO. */
export const transactionPaymentEvent = variant(
  "pallet_transaction_payment::pallet::Event",
  { TransactionFeePaid: holding(0, { who: accountId, actual_fee: u64, tip: u64 }) },
  [{ name: "T", codec: null }],
);

const fixedU128 = newtype("sp_arithmetic::fixed_point::FixedU128", u128);

/** Storage of TransactionPayment: the fee multiplier, fixed at 1 (18 decimal places). */
export const transactionPaymentStorage = {
  nextFeeMultiplier: stored("TransactionPayment", "NextFeeMultiplier", [], fixedU128, 1_000_000_000_000_000_000n),
} as const;
/** Constants of TransactionPayment. */
export const transactionPaymentConstants = { OperationalFeeMultiplier: constant(u8, 5) } as const;

const balanceParameter = [{ name: "Balance", codec: u64 }];

/** Codec of what `query_info` answers: weight, class and fee in RAO. */
export const runtimeDispatchInfo = struct(
  "pallet_transaction_payment::types::RuntimeDispatchInfo",
  { weight, class: dispatchClass, partial_fee: u64 },
  [...balanceParameter, { name: "Weight", codec: weight }],
);
const inclusionFee = struct(
  "pallet_transaction_payment::types::InclusionFee",
  { base_fee: u64, len_fee: u64, adjusted_weight_fee: u64 },
  balanceParameter,
);
/** Codec of what `query_fee_details` answers: the parts of the fee in RAO; no inclusion fee for an unsigned extrinsic. */
export const feeDetails = struct(
  "pallet_transaction_payment::types::FeeDetails",
  { inclusion_fee: option(inclusionFee), tip: u64 },
  balanceParameter,
);
