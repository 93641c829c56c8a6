import type { AnyCodec, Codec, ValueOf } from "../../scale/codec.js";
import { boundedBytes, boundedVec, fixedBytes } from "../../scale/collections.js";
import { u32, u64 } from "../../scale/primitives.js";
import { bare, holding, struct, variant } from "../../scale/records.js";

/** Largest number of fields of one commitment. */
export const MAX_COMMITMENT_FIELDS = 3;

type RawVariants = { readonly [K in `Raw${number}`]: { readonly index: number; readonly fields: readonly [Codec<Uint8Array>] } };

/** `Raw0` to `Raw128`: tag length + 1, the bytes follow without a length. */
const rawVariants = Object.fromEntries(
  Array.from({ length: 129 }, (_, length) => [`Raw${length}`, { index: length + 1, fields: [fixedBytes(length)] as readonly AnyCodec[] }]),
) as RawVariants;

const hashBytes = fixedBytes(32);

/** Codec of one field of a commitment: raw bytes, a hash, or bytes that open at a drand round. */
export const commitmentData = variant("pallet_commitments::types::Data", {
  None: bare(0),
  ...rawVariants,
  BlakeTwo256: holding(130, [hashBytes]),
  Sha256: holding(131, [hashBytes]),
  Keccak256: holding(132, [hashBytes]),
  ShaThree256: holding(133, [hashBytes]),
  TimelockEncrypted: holding(134, { encrypted: boundedBytes(1024), reveal_round: u64 }),
  ResetBondsFlag: bare(135),
  BigRaw: holding(136, [boundedBytes(512)]),
});
/** One field of a commitment. */
export type CommitmentData = ValueOf<typeof commitmentData>;

/** Codec of a commitment: up to {@link MAX_COMMITMENT_FIELDS} fields. */
export const commitmentInfo = struct(
  "pallet_commitments::types::CommitmentInfo",
  { fields: boundedVec(commitmentData, MAX_COMMITMENT_FIELDS) },
  [{ name: "FieldLimit", codec: null }],
);
/** What an account commits to: a list of fields. */
export type CommitmentInfo = ValueOf<typeof commitmentInfo>;

/** Codec of a stored commitment: the deposit in RAO, the block it was made at, and the commitment. */
export const registration = struct("pallet_commitments::types::Registration", { deposit: u64, block: u32, info: commitmentInfo }, [
  { name: "Balance", codec: u64 },
  { name: "MaxFields", codec: null },
  { name: "BlockNumber", codec: u32 },
]);

/** Codec of the bytes that an account has committed in its last epoch. */
export const usageTracker = struct("pallet_commitments::types::UsageTracker", { last_epoch: u64, used_space: u64 });

/**
 * Bytes that one field counts for against the space limit: the length of its data, nothing for the reset flag (pallets/commitments/src/types.rs).
 */
export function commitmentFieldLength(field: CommitmentData): bigint {
  switch (field.type) {
    case "None":
    case "ResetBondsFlag":
      return 0n;
    case "TimelockEncrypted":
      return BigInt(field.value.encrypted.length);
    default:
      return BigInt(field.value[0].length);
  }
}
