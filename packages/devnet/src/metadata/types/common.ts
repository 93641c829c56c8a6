import type { Codec, ValueOf } from "../../scale/codec.js";
import { bytes, fixedBytes, fixedHex, tuple, vec } from "../../scale/collections.js";
import { compactU32, compactU64, i64, i128, u8, u32, u64, u128 } from "../../scale/primitives.js";
import { bare, holding, newtype, struct, unitVariant, variant } from "../../scale/records.js";

/** A 32-byte account as lower-case hex with `0x`: the key of every map by account. */
export type AccountId = string;

/** A 32-byte hash as lower-case hex with `0x`. */
export type Hash = string;

/** Codec of an account: 32 bytes, as hex outside. */
export const accountId: Codec<AccountId> = newtype("sp_core::crypto::AccountId32", fixedHex(32));
/** Codec of a hash: 32 bytes, as hex outside. */
export const hash256: Codec<Hash> = newtype("primitive_types::H256", fixedHex(32));
/** Codec of the empty tuple: no bytes. */
export const unit = tuple();

/** The account of all zeros, which storage returns for an account that was never set. */
export const zeroAccount: AccountId = `0x${"00".repeat(32)}`;
/** The hash of all zeros. */
export const zeroHash: Hash = `0x${"00".repeat(32)}`;

/** Fixed point numbers as their raw bits; the name says the bits after the point. */
const fraction32 = struct("typenum::uint::UInt", {});
/** Codec of an unsigned fixed point number of 64 bits before the point and 64 after, as its raw bits. */
export const u64f64 = struct("substrate_fixed::FixedU128", { bits: u128 }, [{ name: "Frac", codec: null }]);
/** Codec of an unsigned fixed point number of 96 bits before the point and 32 after, as its raw bits. */
export const u96f32 = struct("substrate_fixed::FixedU128", { bits: u128 }, [{ name: "Frac", codec: fraction32 }]);
/** Codec of a signed fixed point number of 96 bits before the point and 32 after, as its raw bits. */
export const i96f32 = struct("substrate_fixed::FixedI128", { bits: i128 }, [{ name: "Frac", codec: fraction32 }]);
/** Codec of a signed fixed point number of 32 bits before the point and 32 after, as its raw bits. */
export const i32f32 = struct("substrate_fixed::FixedI64", { bits: i64 }, [{ name: "Frac", codec: fraction32 }]);

/** Codec of a dispatch weight: picoseconds of time and bytes of proof. */
export const weight = struct("sp_weights::weight_v2::Weight", { ref_time: compactU64, proof_size: compactU64 });
/** Codec of the class that limits a dispatch's share of a block. */
export const dispatchClass = unitVariant("frame_support::dispatch::DispatchClass", ["Normal", "Operational", "Mandatory"]);
/** Codec of whether a dispatch pays a fee. */
const pays = unitVariant("frame_support::dispatch::Pays", ["Yes", "No"]);

/** What a dispatch cost; every dispatch of this node is given the same weight. */
export const dispatchEventInfo = struct("frame_system::DispatchEventInfo", { weight, class: dispatchClass, pays_fee: pays });
/** Codec of a pallet's error: the pallet's index, and the error's index in the first of four bytes. */
const moduleError = struct("sp_runtime::ModuleError", { index: u8, error: fixedBytes(4) });
/** Codec of why a transfer of tokens failed. */
const tokenError = unitVariant("sp_runtime::TokenError", [
  "FundsUnavailable",
  "OnlyProvider",
  "BelowMinimum",
  "CannotCreate",
  "UnknownAsset",
  "Frozen",
  "Unsupported",
  "CannotCreateHold",
  "NotExpendable",
  "Blocked",
]);
/** Codec of why a calculation failed. */
const arithmeticError = unitVariant("sp_arithmetic::ArithmeticError", ["Underflow", "Overflow", "DivisionByZero"]);
/** Codec of why a storage transaction failed. */
const transactionalError = unitVariant("sp_runtime::TransactionalError", ["LimitReached", "NoLayer"]);
/** Codec of why a storage proof failed. */
const trieError = unitVariant("sp_runtime::proving_trie::TrieError", [
  "InvalidStateRoot",
  "IncompleteDatabase",
  "ValueAtIncompleteKey",
  "DecoderError",
  "InvalidHash",
  "DuplicateKey",
  "ExtraneousNode",
  "ExtraneousValue",
  "ExtraneousHashReference",
  "InvalidChildReference",
  "ValueMismatch",
  "IncompleteProof",
  "RootMismatch",
  "DecodeError",
]);

/** Codec of {@link DispatchErrorValue}. */
export const dispatchError = variant("sp_runtime::DispatchError", {
  Other: bare(0),
  CannotLookup: bare(1),
  BadOrigin: bare(2),
  Module: holding(3, [moduleError]),
  ConsumerRemaining: bare(4),
  NoProviders: bare(5),
  TooManyConsumers: bare(6),
  Token: holding(7, [tokenError]),
  Arithmetic: holding(8, [arithmeticError]),
  Transactional: holding(9, [transactionalError]),
  Exhausted: bare(10),
  Corruption: bare(11),
  Unavailable: bare(12),
  RootNotAllowed: bare(13),
  Trie: holding(14, [trieError]),
});
/** Why a dispatch failed, as the chain encodes it. */
export type DispatchErrorValue = ValueOf<typeof dispatchError>;

/** Codec of how a dispatch inside another one ended. */
export const dispatchResult = variant("Result", { Ok: holding(0, [unit]), Err: holding(1, [dispatchError]) }, [
  { name: "T", codec: unit },
  { name: "E", codec: dispatchError },
]);

/** Codec of {@link MultiAddress}. */
export const multiAddress = variant(
  "sp_runtime::multiaddress::MultiAddress",
  {
    Id: holding(0, [accountId]),
    Index: holding(1, [{ ...unit, shape: { kind: "compact", of: unit } } as Codec<readonly []>]),
    Raw: holding(2, [bytes]),
    Address32: holding(3, [fixedBytes(32)]),
    Address20: holding(4, [fixedBytes(20)]),
  },
  [
    { name: "AccountId", codec: accountId },
    { name: "AccountIndex", codec: unit },
  ],
);
/** Who a call is about, in any of the forms that extrinsics may name an account in. */
export type MultiAddress = ValueOf<typeof multiAddress>;

/** Codec of a signature with its scheme. */
export const multiSignature = variant("sp_runtime::MultiSignature", {
  Ed25519: holding(0, [fixedBytes(64)]),
  Sr25519: holding(1, [fixedBytes(64)]),
  Ecdsa: holding(2, [fixedBytes(65)]),
});

const fourBytes = fixedBytes(4);
/** Codec of one entry of a header's digest; the four bytes name the engine. */
const digestItem = variant("sp_runtime::generic::digest::DigestItem", {
  PreRuntime: holding(6, [fourBytes, bytes]),
  Consensus: holding(4, [fourBytes, bytes]),
  Seal: holding(5, [fourBytes, bytes]),
  Other: holding(0, [bytes]),
  RuntimeEnvironmentUpdated: bare(8),
});
/** Codec of a header's digest. */
export const digest = struct("sp_runtime::generic::digest::Digest", { logs: vec(digestItem) });

/** Codec of {@link Header}. */
export const header = struct(
  "sp_runtime::generic::header::Header",
  { parent_hash: hash256, number: compactU32, state_root: hash256, extrinsics_root: hash256, digest },
  [
    { name: "Number", codec: u32 },
    { name: "Hash", codec: null },
  ],
);
/** A block's header; its blake2-256 hash is the block's hash. */
export type Header = ValueOf<typeof header>;

const extraFlags = newtype("pallet_balances::types::ExtraFlags", u128);
/** Codec of an account's balance, in RAO. */
const accountData = struct("pallet_balances::types::AccountData", { free: u64, reserved: u64, frozen: u64, flags: extraFlags }, [
  { name: "Balance", codec: u64 },
]);
/** An account as System stores it: nonce, reference counts, and balance in RAO. */
export const accountInfo = struct(
  "frame_system::AccountInfo",
  { nonce: u32, consumers: u32, providers: u32, sufficients: u32, data: accountData },
  [
    { name: "Nonce", codec: u32 },
    { name: "AccountData", codec: accountData },
  ],
);
