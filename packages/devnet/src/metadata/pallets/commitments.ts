import type { ValueOf } from "../../scale/codec.js";
import { bytes, tuple, vec } from "../../scale/collections.js";
import { u16, u32, u64 } from "../../scale/primitives.js";
import { holding, unitVariant, variant } from "../../scale/records.js";
import { constant } from "../pallet.js";
import { optionallyStored, plainKey, stored, twoxKey } from "../storage-item.js";
import { commitmentInfo, MAX_COMMITMENT_FIELDS, registration, usageTracker } from "../types/commitments.js";
import { accountId } from "../types/common.js";

const anyParameter = [{ name: "T", codec: null }];

/** The calls of Commitments that this node runs. */
export const commitmentsCall = variant(
  "pallet_commitments::pallet::Call",
  { set_commitment: holding(0, { netuid: u16, info: commitmentInfo }) },
  anyParameter,
);
/** A call of Commitments: its name and its arguments. */
export type CommitmentsCall = ValueOf<typeof commitmentsCall>;

/** The events of Commitments. */
export const commitmentsEvent = variant(
  "pallet_commitments::pallet::Event",
  {
    Commitment: holding(0, { netuid: u16, who: accountId }),
    TimelockCommitment: holding(1, { netuid: u16, who: accountId, reveal_round: u64 }),
    CommitmentRevealed: holding(2, { netuid: u16, who: accountId }),
  },
  anyParameter,
);

/** Errors of Commitments by name; the position is the error's index. */
export const commitmentsErrorNames = [
  "TooManyFieldsInCommitmentInfo",
  "AccountNotAllowedCommit",
  "SpaceLimitExceeded",
  "UnexpectedUnreserveLeftover",
] as const;
/** The error enum of Commitments as the metadata describes it. */
export const commitmentsError = unitVariant("pallet_commitments::pallet::Error", commitmentsErrorNames, anyParameter);

const pallet = "Commitments";
const keys = [plainKey(u16), twoxKey(accountId)] as const;

/** Storage of Commitments, by netuid and account; `maxSpace` in bytes per account and epoch. */
export const commitmentsStorage = {
  commitmentOf: optionallyStored(pallet, "CommitmentOf", keys, registration),
  lastCommitment: optionallyStored(pallet, "LastCommitment", keys, u32),
  revealedCommitments: optionallyStored(pallet, "RevealedCommitments", keys, vec(tuple(bytes, u64))),
  usedSpaceOf: optionallyStored(pallet, "UsedSpaceOf", keys, usageTracker),
  maxSpace: stored(pallet, "MaxSpace", [], u32, 3100),
} as const;

/** Constants of Commitments; deposits in RAO. */
export const commitmentsConstants = {
  MaxFields: constant(u32, MAX_COMMITMENT_FIELDS),
  InitialDeposit: constant(u64, 0n),
  FieldDeposit: constant(u64, 0n),
} as const;
