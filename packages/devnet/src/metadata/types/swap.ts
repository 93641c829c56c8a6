import type { ValueOf } from "../../scale/codec.js";
import { u16, u64 } from "../../scale/primitives.js";
import { struct } from "../../scale/records.js";

/** The price of a subnet's alpha: RAO of TAO for a whole alpha. */
export const subnetPrice = struct("pallet_subtensor_swap_runtime_api::SubnetPrice", { netuid: u16, price: u64 });
/** A subnet with the price of its alpha, in RAO. */
export type SubnetPriceValue = ValueOf<typeof subnetPrice>;

/** What a swap would take and give, all in RAO; amounts paid in are without the fee. */
export const simSwapResult = struct("pallet_subtensor_swap_runtime_api::SimSwapResult", {
  tao_amount: u64,
  alpha_amount: u64,
  tao_fee: u64,
  alpha_fee: u64,
  tao_slippage: u64,
  alpha_slippage: u64,
});
/** What a swap would take and give, in RAO. */
export type SimSwapResultValue = ValueOf<typeof simSwapResult>;
