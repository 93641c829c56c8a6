import { subtensorStorage } from "../metadata/pallets/subtensor-storage.js";
import type { AccountId } from "../metadata/types/common.js";
import type { State } from "../storage/state.js";
import { deposit, freeBalance, withdraw } from "./accounts.js";
import type { Context } from "./context.js";
import { ensure } from "./dispatch-failure.js";
import { buyAlpha, quoteBuy, quoteSell, sellAlpha } from "./pool.js";
import { decreaseStake, increaseStake, stakeOfColdkey } from "./stake.js";
import { ROOT_NETUID, subnetExists } from "./subnets.js";

/** Least stake that can be added, in RAO, before the swap fee. */
const MINIMUM_STAKE_RAO = 2_000_000n;

/** True when some coldkey owns the hotkey. */
export function hotkeyExists(state: State, hotkey: AccountId): boolean {
  return state.has(subtensorStorage.owner, hotkey);
}

/** Makes a hotkey belong to a coldkey unless it has an owner already. */
export function createHotkey(state: State, coldkey: AccountId, hotkey: AccountId): void {
  if (hotkeyExists(state, hotkey)) return;
  state.put(subtensorStorage.owner, [hotkey], coldkey);
  for (const item of [subtensorStorage.ownedHotkeys, subtensorStorage.stakingHotkeys]) {
    const hotkeys = state.get(item, coldkey);
    if (!hotkeys.includes(hotkey)) state.put(item, [coldkey], [...hotkeys, hotkey]);
  }
}

/** Fails unless alpha of the subnet can be traded: it exists and was started. */
function ensureTradable(state: State, netuid: number): void {
  ensure(subnetExists(state, netuid), "SubnetNotExists");
  ensure(netuid === ROOT_NETUID || state.get(subtensorStorage.subtokenEnabled, netuid), "SubtokenDisabled");
}

/** What to stake or unstake. `limitPriceRao` is the worst price taken, in RAO of TAO an alpha. */
export type StakeOrder = {
  readonly coldkey: AccountId;
  readonly hotkey: AccountId;
  readonly netuid: number;
  readonly amountRao: bigint;
  readonly limitPriceRao?: bigint;
};

/** `add_stake` and `add_stake_limit`: TAO of the coldkey becomes alpha on the hotkey. An order with a limit is filled whole or refused, also a partial one. */
export function addStake(context: Context, order: StakeOrder): void {
  const { state } = context;
  const { coldkey, hotkey, netuid, amountRao } = order;
  ensureTradable(state, netuid);
  ensure(amountRao >= MINIMUM_STAKE_RAO + quoteBuy(state, netuid, MINIMUM_STAKE_RAO).feeRao, "AmountTooLow");
  ensure(freeBalance(context, coldkey) >= amountRao, "NotEnoughBalanceToStake");
  ensure(hotkeyExists(state, hotkey), "HotKeyAccountNotExists");
  const quote = quoteBuy(state, netuid, amountRao);
  ensure(quote.paidOutRao > 0n, "InsufficientLiquidity");
  if (order.limitPriceRao !== undefined) ensure(amountRao * 1_000_000_000n <= order.limitPriceRao * quote.paidOutRao, "SlippageTooHigh");
  withdraw(context, coldkey, amountRao);
  const alphaRao = buyAlpha(state, netuid, amountRao);
  increaseStake(state, { hotkey, coldkey, netuid, rao: alphaRao });
  const hotkeys = state.get(subtensorStorage.stakingHotkeys, coldkey);
  if (!hotkeys.includes(hotkey)) state.put(subtensorStorage.stakingHotkeys, [coldkey], [...hotkeys, hotkey]);
  context.emit({
    type: "SubtensorModule",
    value: [{ type: "StakeAdded", value: [coldkey, hotkey, amountRao, alphaRao, netuid, quote.feeRao] }],
  });
}

/** `remove_stake`: alpha on the hotkey becomes TAO of the coldkey. */
export function removeStake(context: Context, order: StakeOrder): void {
  const { state } = context;
  const { coldkey, hotkey, netuid, amountRao } = order;
  ensureTradable(state, netuid);
  ensure(hotkeyExists(state, hotkey), "HotKeyAccountNotExists");
  ensure(stakeOfColdkey(state, hotkey, coldkey, netuid) >= amountRao, "NotEnoughStakeToWithdraw");
  const quote = quoteSell(state, netuid, amountRao);
  ensure(quote.paidOutRao >= MINIMUM_STAKE_RAO, "AmountTooLow");
  decreaseStake(state, { hotkey, coldkey, netuid, rao: amountRao });
  const taoRao = sellAlpha(state, netuid, amountRao);
  deposit(context, coldkey, taoRao);
  context.emit({
    type: "SubtensorModule",
    value: [{ type: "StakeRemoved", value: [coldkey, hotkey, taoRao, amountRao, netuid, quote.feeRao] }],
  });
}
