import { subtensorStorage } from "../metadata/pallets/subtensor-storage.js";
import type { AccountId } from "../metadata/types/common.js";
import type { State } from "../storage/state.js";
import { ROOT_NETUID } from "./subnets.js";

const u64Maximum = (1n << 64n) - 1n;

/** Weight of a TAO on root against an alpha, as an `I64F64`: the stored share of 2^64 - 1, first brought to 32 bits as the chain does. */
export function taoWeight(state: State): bigint {
  return ((state.get(subtensorStorage.taoWeight) << 32n) / u64Maximum) << 32n;
}

/** Stake on a hotkey from everybody, in RAO of the subnet's alpha (of TAO on root). */
export function stakeOfHotkey(state: State, hotkey: AccountId, netuid: number): bigint {
  return state.get(subtensorStorage.totalHotkeyAlpha, hotkey, netuid);
}

/** Stake of one coldkey on a hotkey: its shares of the hotkey's pool, in RAO, rounded down. */
export function stakeOfColdkey(state: State, hotkey: AccountId, coldkey: AccountId, netuid: number): bigint {
  const totalShares = state.get(subtensorStorage.totalHotkeyShares, hotkey, netuid).bits;
  if (totalShares === 0n) return 0n;
  const shares = state.get(subtensorStorage.alpha, hotkey, coldkey, netuid).bits;
  return (stakeOfHotkey(state, hotkey, netuid) * shares) / totalShares;
}

/** The three stakes that a metagraph shows, as `I64F64`. `total` is what consensus and the stake threshold count. */
export type StakeWeights = { readonly total: bigint; readonly alpha: bigint; readonly tao: bigint };

/**
 * Stake that counts for a hotkey: alpha on the subnet plus TAO on root times the TAO weight.
 *
 * Child hotkeys are not implemented by this node, so what a hotkey inherits is its own stake.
 */
export function stakeWeights(state: State, hotkey: AccountId, netuid: number): StakeWeights {
  const alpha = stakeOfHotkey(state, hotkey, netuid) << 64n;
  const tao = stakeOfHotkey(state, hotkey, ROOT_NETUID) << 64n;
  return { alpha, tao, total: alpha + ((tao * taoWeight(state)) >> 64n) };
}

/** Gives alpha to one coldkey on a hotkey: new shares of the hotkey's pool. */
export function increaseStake(state: State, amount: StakeChange): void {
  const { hotkey, coldkey, netuid, rao } = amount;
  if (rao === 0n) return;
  const total = stakeOfHotkey(state, hotkey, netuid);
  const totalShares = state.get(subtensorStorage.totalHotkeyShares, hotkey, netuid).bits;
  const newShares = totalShares === 0n || total === 0n ? rao << 64n : (rao * totalShares) / total;
  const shares = state.get(subtensorStorage.alpha, hotkey, coldkey, netuid).bits;
  state.put(subtensorStorage.alpha, [hotkey, coldkey, netuid], { bits: shares + newShares });
  state.put(subtensorStorage.totalHotkeyShares, [hotkey, netuid], { bits: totalShares + newShares });
  state.put(subtensorStorage.totalHotkeyAlpha, [hotkey, netuid], total + rao);
}

/** Takes alpha from one coldkey on a hotkey. The caller has checked that it is there. */
export function decreaseStake(state: State, amount: StakeChange): void {
  const { hotkey, coldkey, netuid, rao } = amount;
  const total = stakeOfHotkey(state, hotkey, netuid);
  const totalShares = state.get(subtensorStorage.totalHotkeyShares, hotkey, netuid).bits;
  const shares = state.get(subtensorStorage.alpha, hotkey, coldkey, netuid).bits;
  const isAll = rao >= stakeOfColdkey(state, hotkey, coldkey, netuid);
  const removed = isAll || total === 0n ? shares : minimum(shares, (rao * totalShares) / total);
  const left = shares - removed;
  if (left === 0n) state.remove(subtensorStorage.alpha, hotkey, coldkey, netuid);
  else state.put(subtensorStorage.alpha, [hotkey, coldkey, netuid], { bits: left });
  state.put(subtensorStorage.totalHotkeyShares, [hotkey, netuid], { bits: totalShares - removed });
  state.put(subtensorStorage.totalHotkeyAlpha, [hotkey, netuid], total - minimum(rao, total));
}

/** Gives alpha to everybody who stakes on a hotkey, in proportion. Nothing happens on a hotkey without stake. */
export function shareOutStake(state: State, hotkey: AccountId, netuid: number, rao: bigint): void {
  if (state.get(subtensorStorage.totalHotkeyShares, hotkey, netuid).bits === 0n) return;
  state.put(subtensorStorage.totalHotkeyAlpha, [hotkey, netuid], stakeOfHotkey(state, hotkey, netuid) + rao);
}

/** Whose stake changes, where and by how much. */
export type StakeChange = { readonly hotkey: AccountId; readonly coldkey: AccountId; readonly netuid: number; readonly rao: bigint };

function minimum(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
