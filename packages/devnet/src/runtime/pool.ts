import { subtensorStorage } from "../metadata/pallets/subtensor-storage.js";
import type { State } from "../storage/state.js";
import { ROOT_NETUID } from "./subnets.js";

/** Fee of a swap, a share of 65535 (0.05 %), as on the chain. */
const FEE_U16 = 33n;

/** What a swap would take and give. */
export type SwapQuote = { readonly paidOutRao: bigint; readonly feeRao: bigint };

/** True for a subnet whose alpha is worth one TAO each: root, and subnets of mechanism 0. */
export function isStable(state: State, netuid: number): boolean {
  return netuid === ROOT_NETUID || state.get(subtensorStorage.subnetMechanism, netuid) === 0;
}

/**
 * Alpha for TAO. The pool is a plain product of reserves; the chain's own weighs them, which differs by the price it moves, not by the price it has.
 *
 * @param taoRao - Including the fee.
 */
export function quoteBuy(state: State, netuid: number, taoRao: bigint): SwapQuote {
  if (isStable(state, netuid)) return { paidOutRao: taoRao, feeRao: 0n };
  const feeRao = (taoRao * FEE_U16) / 65_535n;
  const paid = taoRao - feeRao;
  const taoReserve = state.get(subtensorStorage.subnetTAO, netuid);
  const alphaReserve = state.get(subtensorStorage.subnetAlphaIn, netuid);
  return { paidOutRao: taoReserve + paid === 0n ? 0n : (alphaReserve * paid) / (taoReserve + paid), feeRao };
}

/** TAO for alpha, on the same terms. */
export function quoteSell(state: State, netuid: number, alphaRao: bigint): SwapQuote {
  if (isStable(state, netuid)) return { paidOutRao: alphaRao, feeRao: 0n };
  const feeRao = (alphaRao * FEE_U16) / 65_535n;
  const paid = alphaRao - feeRao;
  const taoReserve = state.get(subtensorStorage.subnetTAO, netuid);
  const alphaReserve = state.get(subtensorStorage.subnetAlphaIn, netuid);
  return { paidOutRao: alphaReserve + paid === 0n ? 0n : (taoReserve * paid) / (alphaReserve + paid), feeRao };
}

/** Buys alpha: moves the reserves, and returns the alpha. The alpha then counts as outstanding. */
export function buyAlpha(state: State, netuid: number, taoRao: bigint): bigint {
  const { paidOutRao } = quoteBuy(state, netuid, taoRao);
  add(state, "subnetTAO", netuid, taoRao);
  if (!isStable(state, netuid)) add(state, "subnetAlphaIn", netuid, -paidOutRao);
  add(state, "subnetAlphaOut", netuid, paidOutRao);
  state.put(subtensorStorage.subnetVolume, [netuid], state.get(subtensorStorage.subnetVolume, netuid) + taoRao);
  state.put(subtensorStorage.totalStake, [], state.get(subtensorStorage.totalStake) + taoRao);
  return paidOutRao;
}

/** Sells alpha: moves the reserves, and returns the TAO. */
export function sellAlpha(state: State, netuid: number, alphaRao: bigint): bigint {
  const { paidOutRao } = quoteSell(state, netuid, alphaRao);
  add(state, "subnetTAO", netuid, -paidOutRao);
  if (!isStable(state, netuid)) add(state, "subnetAlphaIn", netuid, alphaRao);
  add(state, "subnetAlphaOut", netuid, -alphaRao);
  state.put(subtensorStorage.subnetVolume, [netuid], state.get(subtensorStorage.subnetVolume, netuid) + paidOutRao);
  const total = state.get(subtensorStorage.totalStake);
  state.put(subtensorStorage.totalStake, [], total > paidOutRao ? total - paidOutRao : 0n);
  return paidOutRao;
}

function add(state: State, name: "subnetTAO" | "subnetAlphaIn" | "subnetAlphaOut", netuid: number, rao: bigint): void {
  const next = state.get(subtensorStorage[name], netuid) + rao;
  state.put(subtensorStorage[name], [netuid], next > 0n ? next : 0n);
}
