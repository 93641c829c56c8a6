import { blake2AsHex } from "@polkadot/util-crypto";
import type { WeightU16 } from "../port.js";
import { encodeU16Vector, encodeU64 } from "./scale.js";

/** What {@link weightsCommitHash} hashes. */
export type HashCommit = {
  /** 32 bytes. */
  readonly hotkeyPublicKey: Uint8Array;
  /** {@link mechanismStorageIndex} of the subnet and mechanism; the netuid itself for mechanism 0. */
  readonly storageIndex: number;
  readonly weights: readonly WeightU16[];
  /** Random u16 values, kept until the reveal. */
  readonly salt: readonly number[];
  readonly versionKey: bigint;
};

/**
 * The hash of a hash commit: blake2b-256 of SCALE `(AccountId32, u16, Vec<u16> uids, Vec<u16> values, Vec<u16> salt, u64)`.
 *
 * @returns 32 bytes as hex with 0x.
 */
export function weightsCommitHash(commit: HashCommit): `0x${string}` {
  const storageIndex = Buffer.alloc(2);
  storageIndex.writeUInt16LE(commit.storageIndex);
  return blake2AsHex(
    Buffer.concat([
      commit.hotkeyPublicKey,
      storageIndex,
      encodeU16Vector(commit.weights.map((weight) => weight.uid)),
      encodeU16Vector(commit.weights.map((weight) => weight.weightU16)),
      encodeU16Vector(commit.salt),
      encodeU64(commit.versionKey),
    ]),
    256,
  );
}

/** The index under which the chain stores weights of a mechanism: `mechanism · 4096 + netuid`. */
export function mechanismStorageIndex(netuid: number, mechanismId = 0): number {
  return mechanismId * 4096 + netuid;
}
