import { blake2AsU8a } from "@polkadot/util-crypto";
import { BLOCK_HASH_COUNT, systemStorage } from "../metadata/pallets/system.js";
import { timestampStorage } from "../metadata/pallets/timestamp.js";
import { type EventRecord, eventsStorage, type RuntimeEvent } from "../metadata/runtime.js";
import { type AccountId, type Hash, type Header, header as headerCodec, zeroHash } from "../metadata/types/common.js";
import { ByteSink } from "../scale/bytes.js";
import { encodeWith } from "../scale/codec.js";
import { fromHex, toHex } from "../scale/hex.js";
import { State } from "../storage/state.js";
import type { StateChanges, StateReader } from "../storage/versioned-store.js";
import { freeBalance, setFreeBalance, unissue } from "./accounts.js";
import { runCoinbase } from "./coinbase.js";
import type { Context } from "./context.js";
import { countExtrinsic, dispatch } from "./dispatch.js";
import { updatePulses } from "./drand.js";
import { decodeExtrinsic, type Extrinsic, encodeInherent } from "./extrinsic.js";
import { feeOf, isFree } from "./fees.js";
import { decayBurns } from "./registration.js";
import { listSubnets } from "./subnets.js";
import type { Beacon } from "./timelock/beacon.js";
import { revealTimelocked } from "./timelocked-weights.js";
import { checkValidity } from "./validity.js";

/** What a block is made of. */
export type BlockInput = {
  readonly parent: StateReader;
  readonly parentHeader: Header;
  readonly parentHash: Hash;
  readonly nowMs: number;
  /** Signed extrinsics whose signatures were checked, in the order to be run. Those that are not valid any more are left out of the block. */
  readonly extrinsics: readonly Extrinsic[];
  readonly beacon: Beacon;
};

/** A block and what it did. */
export type BlockOutput = {
  readonly header: Header;
  readonly hash: Hash;
  /** As in the block: the time first. */
  readonly extrinsics: readonly Extrinsic[];
  readonly changes: StateChanges;
  readonly events: readonly EventRecord[];
};

const noWeight = { ref_time: 0n, proof_size: 0n };

/** Runs a block on top of its parent. A pure function: the same input gives the same block, on any machine. */
export function executeBlock(input: BlockInput): BlockOutput {
  const { parentHeader, parentHash, nowMs } = input;
  const blockNumber = parentHeader.number + 1;
  const state = new State(input.parent);
  const events: EventRecord[] = [];
  let phase: EventRecord["phase"] = { type: "Initialization", value: [] };
  const context: Context = {
    state,
    blockNumber,
    parentHash,
    emit: (event) => events.push({ phase, event, topics: [] }),
  };

  beginBlock(context);
  const netuids = listSubnets(state);
  decayBurns(context, netuids);
  updatePulses(context, input.beacon, nowMs);
  for (const netuid of netuids) revealTimelocked(context, netuid);
  runCoinbase(context, netuids);

  const time = decodeExtrinsic(encodeInherent({ type: "Timestamp", value: [{ type: "set", value: { now: BigInt(nowMs) } }] }));
  const applied: Extrinsic[] = [time];
  phase = { type: "ApplyExtrinsic", value: [0] };
  state.put(timestampStorage.now, [], BigInt(nowMs));
  context.emit(success("Mandatory", "No"));
  for (const extrinsic of input.extrinsics) {
    if (checkValidity(context, extrinsic).kind !== "ready") continue;
    phase = { type: "ApplyExtrinsic", value: [applied.length] };
    applyExtrinsic(context, extrinsic);
    applied.push(extrinsic);
  }

  state.put(eventsStorage, [], events);
  state.put(systemStorage.eventCount, [], events.length);
  const changes = state.pending();
  const header: Header = {
    parent_hash: parentHash,
    number: blockNumber,
    state_root: hashChanges(parentHeader.state_root, changes),
    extrinsics_root: hashExtrinsics(applied),
    digest: { logs: [] },
  };
  return { header, hash: hashHeader(header), extrinsics: applied, changes, events };
}

/** Header of the block that a chain starts with. */
export function genesisHeader(changes: StateChanges): Header {
  return {
    parent_hash: zeroHash,
    number: 0,
    state_root: hashChanges(zeroHash, changes),
    extrinsics_root: hashExtrinsics([]),
    digest: { logs: [] },
  };
}

/** Hash of a block: Blake2-256 of its encoded header, which clients compute themselves when they sign for an era. */
export function hashHeader(header: Header): Hash {
  return toHex(blake2AsU8a(encodeWith(headerCodec, header), 256));
}

function beginBlock({ state, blockNumber, parentHash }: Context): void {
  state.put(systemStorage.number, [], blockNumber);
  state.put(systemStorage.parentHash, [], parentHash);
  state.put(systemStorage.blockHash, [blockNumber - 1], parentHash);
  const oldest = blockNumber - 1 - BLOCK_HASH_COUNT;
  if (oldest > 0) state.remove(systemStorage.blockHash, oldest);
}

function success(dispatchClass: "Normal" | "Mandatory", pays: "Yes" | "No"): RuntimeEvent {
  return {
    type: "System",
    value: [{ type: "ExtrinsicSuccess", value: { dispatch_info: { weight: noWeight, class: dispatchClass, pays_fee: pays } } }],
  };
}

function applyExtrinsic(context: Context, extrinsic: Extrinsic): void {
  const { call, signed } = extrinsic;
  if (signed === null) return;
  countExtrinsic(context, signed.account);
  payFee(context, signed.account, { feeRao: feeOf(call, extrinsic.bytes.length), tipRao: signed.tipRao });
  const outcome = dispatch(context, { kind: "signed", account: signed.account }, call);
  const pays = isFree(call) ? "No" : "Yes";
  if (outcome.ok) {
    context.emit(success("Normal", pays));
    return;
  }
  const dispatch_info = { weight: noWeight, class: "Normal", pays_fee: pays } as const;
  context.emit({ type: "System", value: [{ type: "ExtrinsicFailed", value: { dispatch_error: outcome.failure.value, dispatch_info } }] });
}

function payFee(context: Context, account: AccountId, { feeRao, tipRao }: { readonly feeRao: bigint; readonly tipRao: bigint }): void {
  const amount = feeRao + tipRao;
  if (amount === 0n) return;
  setFreeBalance(context, account, freeBalance(context, account) - amount);
  unissue(context, amount);
  context.emit({
    type: "TransactionPayment",
    value: [{ type: "TransactionFeePaid", value: { who: account, actual_fee: amount, tip: tipRao } }],
  });
}

/** Stands for the root of the state trie, which this node does not keep: a hash over the parent's and all changes. */
function hashChanges(parentRoot: Hash, changes: StateChanges): Hash {
  const sink = new ByteSink();
  sink.bytes(fromHex(parentRoot));
  for (const key of [...changes.keys()].sort()) {
    sink.bytes(fromHex(key));
    const value = changes.get(key);
    sink.u8(value === null || value === undefined ? 0 : 1);
    if (value !== null && value !== undefined) sink.bytes(value);
  }
  return toHex(blake2AsU8a(sink.finish(), 256));
}

function hashExtrinsics(extrinsics: readonly Extrinsic[]): Hash {
  const sink = new ByteSink();
  for (const { hash } of extrinsics) sink.bytes(fromHex(hash));
  return toHex(blake2AsU8a(sink.finish(), 256));
}
