import { subtensorStorage } from "../metadata/pallets/subtensor-storage.js";
import type { SimSwapResultValue, SubnetPriceValue } from "../metadata/types/swap.js";
import type { State } from "../storage/state.js";
import { isStable, quoteBuy, quoteSell } from "./pool.js";
import { listSubnets, ROOT_NETUID } from "./subnets.js";

const RAO_PER_TAO = 1_000_000_000n;

function reserves(state: State, netuid: number): { readonly tao: bigint; readonly alpha: bigint } {
  if (isStable(state, netuid)) return { tao: 1n, alpha: 1n };
  return { tao: state.get(subtensorStorage.subnetTAO, netuid), alpha: state.get(subtensorStorage.subnetAlphaIn, netuid) };
}

/** RAO of TAO for a whole alpha at the pool's reserves; 0 for a pool without alpha. */
export function alphaPriceRao(state: State, netuid: number): bigint {
  const { tao, alpha } = reserves(state, netuid);
  return alpha === 0n ? 0n : (tao * RAO_PER_TAO) / alpha;
}

/** The price on root and on every subnet. */
export function alphaPrices(state: State): readonly SubnetPriceValue[] {
  return [ROOT_NETUID, ...listSubnets(state)].map((netuid) => ({ netuid, price: alphaPriceRao(state, netuid) }));
}

/** What TAO would buy. The slippage is what the same TAO would buy more of at the price before the swap. */
export function simulateBuy(state: State, netuid: number, taoRao: bigint): SimSwapResultValue {
  const { paidOutRao, feeRao } = quoteBuy(state, netuid, taoRao);
  const { tao, alpha } = reserves(state, netuid);
  const paidRao = taoRao - feeRao;
  const idealRao = tao === 0n ? 0n : (paidRao * alpha) / tao;
  return {
    tao_amount: paidRao,
    alpha_amount: paidOutRao,
    tao_fee: feeRao,
    alpha_fee: 0n,
    tao_slippage: 0n,
    alpha_slippage: idealRao > paidOutRao ? idealRao - paidOutRao : 0n,
  };
}

/** What alpha would sell for. The slippage is what the same alpha would sell for more at the price before the swap. */
export function simulateSell(state: State, netuid: number, alphaRao: bigint): SimSwapResultValue {
  const { paidOutRao, feeRao } = quoteSell(state, netuid, alphaRao);
  const { tao, alpha } = reserves(state, netuid);
  const paidRao = alphaRao - feeRao;
  const idealRao = alpha === 0n ? 0n : (paidRao * tao) / alpha;
  return {
    tao_amount: paidOutRao,
    alpha_amount: paidRao,
    tao_fee: 0n,
    alpha_fee: feeRao,
    tao_slippage: idealRao > paidOutRao ? idealRao - paidOutRao : 0n,
    alpha_slippage: 0n,
  };
}
