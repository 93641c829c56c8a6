import { encodeWith, type ValueOf } from "../../scale/codec.js";
import { bytes, fixedBytes, option, tuple, vec } from "../../scale/collections.js";
import { text, u8, u16, u32, u64 } from "../../scale/primitives.js";
import { bare, holding, newtype, struct, unitVariant, variant } from "../../scale/records.js";
import { constant, type PalletConstant } from "../pallet.js";
import { blake2Key, optionallyStored, stored, twoxKey } from "../storage-item.js";
import { accountId, accountInfo, digest, dispatchError, dispatchEventInfo, hash256, weight, zeroHash } from "../types/common.js";

const anyParameter = [{ name: "T", codec: null }];

/** The calls of System that this node runs. */
export const systemCall = variant(
  "frame_system::pallet::Call",
  { remark: holding(0, { remark: bytes }), remark_with_event: holding(7, { remark: bytes }) },
  anyParameter,
);
/** A call of System: its name and its arguments. */
export type SystemCall = ValueOf<typeof systemCall>;

/** The events of System. */
export const systemEvent = variant(
  "frame_system::pallet::Event",
  {
    ExtrinsicSuccess: holding(0, { dispatch_info: dispatchEventInfo }),
    ExtrinsicFailed: holding(1, { dispatch_error: dispatchError, dispatch_info: dispatchEventInfo }),
    CodeUpdated: bare(2),
    NewAccount: holding(3, { account: accountId }),
    KilledAccount: holding(4, { account: accountId }),
    Remarked: holding(5, { sender: accountId, hash: hash256 }),
  },
  anyParameter,
);

/** Errors of System by name; the position is the error's index. */
const systemErrorNames = [
  "InvalidSpecName",
  "SpecVersionNeedsToIncrease",
  "FailedToExtractRuntimeVersion",
  "NonDefaultComposite",
  "NonZeroRefCount",
  "CallFiltered",
  "MultiBlockMigrationsOngoing",
  "NothingAuthorized",
  "Unauthorized",
] as const;
/** The error enum of System as the metadata describes it. */
export const systemError = unitVariant("frame_system::pallet::Error", systemErrorNames, anyParameter);

/** Codec of when in a block an event happened: with the index of the extrinsic, or outside of all of them. */
export const phase = variant("frame_system::Phase", { ApplyExtrinsic: holding(0, [u32]), Finalization: bare(1), Initialization: bare(2) });

const pallet = "System";
/** What an account reads as that was never set: no balance, and the flag of the new account logic. */
export const emptyAccount = {
  nonce: 0,
  consumers: 0,
  providers: 0,
  sufficients: 0,
  data: { free: 0n, reserved: 0n, frozen: 0n, flags: 1n << 127n },
} as const;

/** Storage of System, without `Events`, whose type needs the events of all pallets. */
export const systemStorage = {
  account: stored(pallet, "Account", [blake2Key(accountId)], accountInfo, emptyAccount),
  extrinsicCount: optionallyStored(pallet, "ExtrinsicCount", [], u32),
  blockHash: stored(pallet, "BlockHash", [twoxKey(u32)], hash256, zeroHash),
  number: stored(pallet, "Number", [], u32, 0),
  parentHash: stored(pallet, "ParentHash", [], hash256, zeroHash),
  digest: stored(pallet, "Digest", [], digest, { logs: [] }),
  eventCount: stored(pallet, "EventCount", [], u32, 0),
} as const;

const cowText = newtype("Cow", text, [{ name: "T", codec: text }]);
const apiVersions = vec(tuple(fixedBytes(8), u32));

/** Codec of the runtime's version, as the constant of System and the runtime API give it. */
export const runtimeVersion = struct("sp_version::RuntimeVersion", {
  spec_name: cowText,
  impl_name: cowText,
  authoring_version: u32,
  spec_version: u32,
  impl_version: u32,
  apis: newtype("Cow", apiVersions, [{ name: "T", codec: apiVersions }]),
  transaction_version: u32,
  system_version: u8,
});
/** The runtime's names, versions and API versions. */
export type RuntimeVersion = ValueOf<typeof runtimeVersion>;

const weightsPerClass = struct("frame_system::limits::WeightsPerClass", {
  base_extrinsic: weight,
  max_extrinsic: option(weight),
  max_total: option(weight),
  reserved: option(weight),
});
const perClassWeights = struct(
  "frame_support::dispatch::PerDispatchClass",
  { normal: weightsPerClass, operational: weightsPerClass, mandatory: weightsPerClass },
  [{ name: "T", codec: weightsPerClass }],
);
const blockWeights = struct("frame_system::limits::BlockWeights", { base_block: weight, max_block: weight, per_class: perClassWeights });
const perClassLength = struct("frame_support::dispatch::PerDispatchClass", { normal: u32, operational: u32, mandatory: u32 }, [
  { name: "T", codec: u32 },
]);
const blockLength = struct("frame_system::limits::BlockLength", { max: perClassLength });
const databaseWeight = struct("sp_weights::RuntimeDbWeight", { read: u64, write: u64 });

/** Largest extrinsic, in bytes; the chain's normal block length. */
const MAX_EXTRINSIC_BYTES = 7_864_320;
/** Blocks whose hashes are kept, which bounds mortal eras. */
export const BLOCK_HASH_COUNT = 2400;

const maximumWeight = { ref_time: 4_000_000_000_000n, proof_size: 0xffff_ffff_ffff_ffffn };
const anyWeight = {
  base_extrinsic: { ref_time: 0n, proof_size: 0n },
  max_extrinsic: maximumWeight,
  max_total: maximumWeight,
  reserved: null,
};

/** Constants of System. Weights are not metered by this node; the limits are there for clients that read them. */
export function systemConstants(version: RuntimeVersion): Readonly<Record<string, PalletConstant>> {
  return {
    BlockWeights: constant(blockWeights, {
      base_block: { ref_time: 0n, proof_size: 0n },
      max_block: maximumWeight,
      per_class: { normal: anyWeight, operational: anyWeight, mandatory: anyWeight },
    }),
    BlockLength: constant(blockLength, {
      max: { normal: MAX_EXTRINSIC_BYTES, operational: 10_485_760, mandatory: 10_485_760 },
    }),
    BlockHashCount: constant(u32, BLOCK_HASH_COUNT),
    DbWeight: constant(databaseWeight, { read: 25_000_000n, write: 100_000_000n }),
    Version: { codec: runtimeVersion, bytes: encodeWith(runtimeVersion, version) },
    SS58Prefix: constant(u16, 42),
  };
}
