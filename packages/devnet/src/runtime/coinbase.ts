import { subtensorStorage } from "../metadata/pallets/subtensor-storage.js";
import type { AccountId } from "../metadata/types/common.js";
import type { State } from "../storage/state.js";
import { issue } from "./accounts.js";
import type { Context } from "./context.js";
import { type EpochPayment, runEpoch } from "./epoch.js";
import { isEpochDue } from "./epoch-clock.js";
import { increaseStake, shareOutStake, stakeOfHotkey, taoWeight } from "./stake.js";
import { ROOT_NETUID } from "./subnets.js";

const FULL_EMISSION_RAO = 1_000_000_000n;
const MAXIMUM_SUPPLY_RAO = 21_000_000_000_000_000n;
/** Share of 65535; amounts below are `U96F32`, 32 bits after the point, as in the chain's coinbase. */
const u16Maximum = 65_535n;

/** New RAO a block at an issuance: 1 TAO, halved at a half, three quarters, ... of the supply. */
function blockEmissionRao(issuanceRao: bigint): bigint {
  if (issuanceRao >= MAXIMUM_SUPPLY_RAO) return 0n;
  let emission = FULL_EMISSION_RAO;
  for (let left = MAXIMUM_SUPPLY_RAO - issuanceRao; left * 2n <= MAXIMUM_SUPPLY_RAO && emission > 0n; left *= 2n) emission /= 2n;
  return emission;
}

/** Alpha of a subnet in its pool and outside. */
function alphaIssuance(state: State, netuid: number): bigint {
  return state.get(subtensorStorage.subnetAlphaIn, netuid) + state.get(subtensorStorage.subnetAlphaOut, netuid);
}

/** Share of a subnet's validator pay that belongs to root stake, as `U96F32`. */
function rootProportion(state: State, netuid: number): bigint {
  const weight = taoWeight(state) >> 32n;
  const rootTao = state.get(subtensorStorage.subnetTAO, ROOT_NETUID) * weight;
  const total = rootTao + (alphaIssuance(state, netuid) << 32n);
  return total === 0n ? 0n : (rootTao << 32n) / total;
}

function addTo(state: State, item: typeof subtensorStorage.pendingServerEmission, netuid: number, rao: bigint): void {
  state.put(item, [netuid], state.get(item, netuid) + rao);
}

/**
 * What every block adds to what a subnet will pay at its epoch: alpha by its issuance, of it the owner's cut, of the rest half for miners and half
 * for validators.
 *
 * Left out of the chain's rules: TAO and alpha injected into pools, and the pay of root stake, which is recycled here (as the chain does while the
 * prices of all subnets sum to no more than 1).
 */
function accrue(state: State, netuid: number): void {
  const createdRao = blockEmissionRao(alphaIssuance(state, netuid));
  state.put(subtensorStorage.subnetAlphaOutEmission, [netuid], createdRao);
  addTo(state, subtensorStorage.subnetAlphaOut, netuid, createdRao);
  const cut = (BigInt(state.get(subtensorStorage.subnetOwnerCut)) << 32n) / u16Maximum;
  const created = createdRao << 32n;
  const ownerCut = state.get(subtensorStorage.ownerCutEnabled, netuid) ? (created * cut) >> 32n : 0n;
  const rest = created - ownerCut;
  const server = rest / 2n;
  const root = ((rootProportion(state, netuid) * rest) >> 32n) / 2n;
  addTo(state, subtensorStorage.pendingOwnerCut, netuid, ownerCut >> 32n);
  addTo(state, subtensorStorage.pendingServerEmission, netuid, server >> 32n);
  addTo(state, subtensorStorage.pendingValidatorEmission, netuid, (rest - server - root) >> 32n);
  addTo(state, subtensorStorage.subnetAlphaOut, netuid, -(root >> 32n));
}

function isEmitting(state: State, netuid: number, blockNumber: number): boolean {
  const first = state.get(subtensorStorage.firstEmissionBlockNumber, netuid);
  return first !== null && BigInt(blockNumber) >= first && state.get(subtensorStorage.subnetEmissionEnabled, netuid);
}

type Pending = { readonly serverRao: bigint; readonly validatorRao: bigint; readonly ownerRao: bigint };

function take(state: State, item: typeof subtensorStorage.pendingServerEmission, netuid: number): bigint {
  const rao = state.get(item, netuid);
  if (rao !== 0n) state.put(item, [netuid], 0n);
  return rao;
}

/** Ends an epoch that is due and returns what it pays. */
function closeEpoch(context: Context, netuid: number): Pending {
  const { state, blockNumber } = context;
  state.put(subtensorStorage.blocksSinceLastStep, [netuid], 0n);
  const pending = {
    serverRao: take(state, subtensorStorage.pendingServerEmission, netuid),
    validatorRao: take(state, subtensorStorage.pendingValidatorEmission, netuid),
    ownerRao: take(state, subtensorStorage.pendingOwnerCut, netuid),
  };
  state.put(subtensorStorage.lastEpochBlock, [netuid], BigInt(blockNumber));
  state.put(subtensorStorage.pendingEpochAt, [netuid], 0n);
  state.put(subtensorStorage.subnetEpochIndex, [netuid], state.get(subtensorStorage.subnetEpochIndex, netuid) + 1n);
  return pending;
}

/** Hotkeys that earn no incentive: those of the subnet's owner. */
function ownerHotkeys(state: State, netuid: number): ReadonlySet<AccountId> {
  const hotkeys = new Set(state.get(subtensorStorage.ownedHotkeys, state.get(subtensorStorage.subnetOwner, netuid)));
  if (state.has(subtensorStorage.subnetOwnerHotkey, netuid)) hotkeys.add(state.get(subtensorStorage.subnetOwnerHotkey, netuid));
  return hotkeys;
}

function payIncentives(state: State, netuid: number, payments: readonly EpochPayment[]): void {
  const withheld = ownerHotkeys(state, netuid);
  for (const { hotkey, serverRao } of payments) {
    if (withheld.has(hotkey)) {
      if (state.get(subtensorStorage.recycleOrBurn, netuid) === "Recycle")
        addTo(state, subtensorStorage.subnetAlphaOut, netuid, -serverRao);
      continue;
    }
    increaseStake(state, { hotkey, coldkey: state.get(subtensorStorage.owner, hotkey), netuid, rao: serverRao });
  }
}

/** Shares out the validators' alpha by dividends: the hotkey's take to its owner, the rest to everybody who stakes on it. */
function payDividends(
  state: State,
  netuid: number,
  options: { readonly payments: readonly EpochPayment[]; readonly validatorRao: bigint },
): void {
  const weight = taoWeight(state) >> 32n;
  const dividends = options.payments.map(({ hotkey, validatorRao }) => {
    const dividend = validatorRao << 32n;
    const root = stakeOfHotkey(state, hotkey, ROOT_NETUID) * weight;
    const total = root + (stakeOfHotkey(state, hotkey, netuid) << 32n);
    const rootShare = total === 0n ? 0n : (root << 32n) / total;
    return { hotkey, amount: dividend - ((dividend * rootShare) >> 32n) };
  });
  const total = dividends.reduce((sum, { amount }) => sum + amount, 0n);
  for (const [[, hotkey]] of state.entries(subtensorStorage.alphaDividendsPerSubnet, netuid)) {
    state.remove(subtensorStorage.alphaDividendsPerSubnet, netuid, hotkey);
  }
  for (const { hotkey, amount } of dividends) {
    const share = total === 0n ? 0n : (amount << 32n) / total;
    const pay = options.validatorRao * share;
    if (pay === 0n) continue;
    const takeShare = (BigInt(state.get(subtensorStorage.delegates, hotkey)) << 32n) / u16Maximum;
    const takePart = (pay * takeShare) >> 32n;
    const restRao = (pay - takePart) >> 32n;
    increaseStake(state, { hotkey, coldkey: state.get(subtensorStorage.owner, hotkey), netuid, rao: takePart >> 32n });
    shareOutStake(state, hotkey, netuid, restRao);
    state.put(subtensorStorage.alphaDividendsPerSubnet, [netuid, hotkey], restRao);
    state.put(subtensorStorage.totalHotkeyAlphaLastEpoch, [hotkey, netuid], stakeOfHotkey(state, hotkey, netuid));
  }
}

function distribute(context: Context, netuid: number, pending: Pending): void {
  const { state, blockNumber } = context;
  const payments = runEpoch(context, netuid, pending.serverRao + pending.validatorRao);
  const hasIncentive = payments.some(({ serverRao }) => serverRao > 0n);
  if (state.has(subtensorStorage.subnetOwnerHotkey, netuid)) {
    const hotkey = state.get(subtensorStorage.subnetOwnerHotkey, netuid);
    increaseStake(state, { hotkey, coldkey: state.get(subtensorStorage.subnetOwner, netuid), netuid, rao: pending.ownerRao });
  }
  payIncentives(state, netuid, payments);
  // Without miners that earned anything, validators get all of it.
  payDividends(state, netuid, { payments, validatorRao: hasIncentive ? pending.validatorRao : pending.validatorRao + pending.serverRao });
  state.put(subtensorStorage.lastMechansimStepBlock, [netuid], BigInt(blockNumber));
}

/** What every block mints and, for subnets whose epoch is due, pays out. At most `MaxEpochsPerBlock` epochs run; others wait a block. */
export function runCoinbase(context: Context, netuids: readonly number[]): void {
  const { state, blockNumber } = context;
  const emission = blockEmissionRao(state.get(subtensorStorage.totalIssuance));
  state.put(subtensorStorage.blockEmission, [], emission);
  if (netuids.some((netuid) => isEmitting(state, netuid, blockNumber))) issue(context, emission);
  for (const netuid of netuids) if (isEmitting(state, netuid, blockNumber)) accrue(state, netuid);

  const due: (readonly [number, Pending])[] = [];
  for (const netuid of netuids) {
    state.put(subtensorStorage.blocksSinceLastStep, [netuid], state.get(subtensorStorage.blocksSinceLastStep, netuid) + 1n);
    if (!isEpochDue(state, netuid, blockNumber)) continue;
    if (due.length >= state.get(subtensorStorage.maxEpochsPerBlock)) {
      const next = BigInt(blockNumber + 1);
      state.put(subtensorStorage.pendingEpochAt, [netuid], next);
      const value = { netuid, from_block: BigInt(blockNumber), to_block: next };
      context.emit({ type: "SubtensorModule", value: [{ type: "EpochDeferred", value }] });
      continue;
    }
    due.push([netuid, closeEpoch(context, netuid)]);
  }
  for (const [netuid, pending] of due) distribute(context, netuid, pending);
}
