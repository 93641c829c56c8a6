import { balancesStorage, EXISTENTIAL_DEPOSIT_RAO } from "../metadata/pallets/balances.js";
import { subtensorStorage } from "../metadata/pallets/subtensor-storage.js";
import { emptyAccount, systemStorage } from "../metadata/pallets/system.js";
import type { AccountId } from "../metadata/types/common.js";
import type { Context } from "./context.js";
import { tokenFailure } from "./dispatch-failure.js";

/** Spendable RAO of an account. */
export function freeBalance({ state }: Pick<Context, "state">, account: AccountId): bigint {
  return state.get(systemStorage.account, account).data.free;
}

/** Sets the RAO of an account; the account is created, or removed when what is left is below the existential deposit and it never signed. */
export function setFreeBalance(context: Context, account: AccountId, freeRao: bigint): void {
  const { state } = context;
  const isNew = !state.has(systemStorage.account, account);
  if (isNew && freeRao === 0n) return;
  const before = isNew ? emptyAccount : state.get(systemStorage.account, account);
  if (freeRao < EXISTENTIAL_DEPOSIT_RAO && before.nonce === 0) {
    state.remove(systemStorage.account, account);
    context.emit({ type: "System", value: [{ type: "KilledAccount", value: { account } }] });
    return;
  }
  state.put(systemStorage.account, [account], { ...before, providers: 1, data: { ...before.data, free: freeRao } });
  if (!isNew) return;
  context.emit({ type: "System", value: [{ type: "NewAccount", value: { account } }] });
  context.emit({ type: "Balances", value: [{ type: "Endowed", value: { account, free_balance: freeRao } }] });
}

/** Takes RAO from an account. Fails with the token error of the chain when it has less. */
export function withdraw(context: Context, account: AccountId, amountRao: bigint): void {
  const free = freeBalance(context, account);
  if (free < amountRao) throw tokenFailure("FundsUnavailable");
  setFreeBalance(context, account, free - amountRao);
  context.emit({ type: "Balances", value: [{ type: "Withdraw", value: { who: account, amount: amountRao } }] });
}

/** Gives RAO to an account. */
export function deposit(context: Context, account: AccountId, amountRao: bigint): void {
  setFreeBalance(context, account, freeBalance(context, account) + amountRao);
  context.emit({ type: "Balances", value: [{ type: "Deposit", value: { who: account, amount: amountRao } }] });
}

/** Moves RAO between accounts. */
export function transfer(context: Context, from: AccountId, to: AccountId, amountRao: bigint): void {
  const free = freeBalance(context, from);
  if (free < amountRao) throw tokenFailure("FundsUnavailable");
  if (freeBalance(context, to) + amountRao < EXISTENTIAL_DEPOSIT_RAO) throw tokenFailure("BelowMinimum");
  setFreeBalance(context, from, free - amountRao);
  setFreeBalance(context, to, freeBalance(context, to) + amountRao);
  context.emit({ type: "Balances", value: [{ type: "Transfer", value: { from, to, amount: amountRao } }] });
}

/** Adds new RAO to the total issuance, for genesis and emission. */
export function issue({ state }: Pick<Context, "state">, amountRao: bigint): void {
  state.put(balancesStorage.totalIssuance, [], state.get(balancesStorage.totalIssuance) + amountRao);
  state.put(subtensorStorage.totalIssuance, [], state.get(subtensorStorage.totalIssuance) + amountRao);
}

/** Takes RAO out of the total issuance, for fees and recycled registrations. */
export function unissue({ state }: Pick<Context, "state">, amountRao: bigint): void {
  const reduce = (total: bigint): bigint => (total > amountRao ? total - amountRao : 0n);
  state.put(balancesStorage.totalIssuance, [], reduce(state.get(balancesStorage.totalIssuance)));
  state.put(subtensorStorage.totalIssuance, [], reduce(state.get(subtensorStorage.totalIssuance)));
}
