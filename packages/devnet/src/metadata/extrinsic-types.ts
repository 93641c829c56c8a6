import type { ByteSink, ByteSource } from "../scale/bytes.js";
import type { AnyCodec, Codec } from "../scale/codec.js";
import { bytes, fixedBytes, option } from "../scale/collections.js";
import { compactU32, compactU64, u8, u32 } from "../scale/primitives.js";
import { newtype, struct, unitVariant } from "../scale/records.js";
import { runtimeCall } from "./runtime.js";
import { hash256, multiAddress, multiSignature, unit } from "./types/common.js";

/** How long a signed extrinsic is valid: for ever, or for `periodBlocks` blocks from the one at `phaseBlocks` in its period. */
export type Era = { readonly kind: "immortal" } | { readonly kind: "mortal"; readonly periodBlocks: number; readonly phaseBlocks: number };

function writeEra(value: Era, sink: ByteSink): void {
  if (value.kind === "immortal") {
    sink.u8(0);
    return;
  }
  const quantum = Math.max(value.periodBlocks >> 12, 1);
  const exponent = Math.min(15, Math.max(1, Math.log2(value.periodBlocks) - 1));
  sink.u16(exponent | ((value.phaseBlocks / quantum) << 4));
}

function readEra(source: ByteSource): Era {
  const first = source.u8();
  if (first === 0) return { kind: "immortal" };
  const encoded = first | (source.u8() << 8);
  const periodBlocks = 2 << (encoded % 16);
  const quantum = Math.max(periodBlocks >> 12, 1);
  return { kind: "mortal", periodBlocks, phaseBlocks: (encoded >> 4) * quantum };
}

/** The era as the chain encodes it; metadata describes it as an enum of 256 variants by first byte. */
const era: Codec<Era> = {
  shape: {
    kind: "variant",
    path: ["sp_runtime", "generic", "era", "Era"],
    parameters: [],
    variants: Array.from({ length: 256 }, (_, index) =>
      index === 0 ? { name: "Immortal", index, fields: [] } : { name: `Mortal${index}`, index, fields: [{ name: null, codec: u8 }] },
    ),
  },
  encode: writeEra,
  decode: readEra,
};

const runtimeParameter = [{ name: "T", codec: null }];

function marker(path: string) {
  return struct(path, {}, runtimeParameter);
}

const metadataHashMode = unitVariant("frame_metadata_hash_extension::Mode", ["Disabled", "Enabled"]);

/** The parts of an extrinsic that its signature covers beside the call. */
export const signedExtra = struct("node_subtensor_runtime::SignedExtra", {
  era,
  nonce: compactU32,
  tip: compactU64,
  mode: metadataHashMode,
});

/** A signed extension: what it adds to the extrinsic and, implicitly, to what is signed. */
export type SignedExtension = { readonly identifier: string; readonly extra: AnyCodec; readonly implicit: AnyCodec };

/**
 * Signed extensions of spec 424 in order. Only four of them put bytes into the extrinsic (era, nonce, tip, metadata hash mode), which is what
 * {@link signedExtra} holds.
 */
export const signedExtensions: readonly SignedExtension[] = [
  {
    identifier: "CheckNonZeroSender",
    extra: marker("frame_system::extensions::check_non_zero_sender::CheckNonZeroSender"),
    implicit: unit,
  },
  { identifier: "CheckSpecVersion", extra: marker("frame_system::extensions::check_spec_version::CheckSpecVersion"), implicit: u32 },
  { identifier: "CheckTxVersion", extra: marker("frame_system::extensions::check_tx_version::CheckTxVersion"), implicit: u32 },
  { identifier: "CheckGenesis", extra: marker("frame_system::extensions::check_genesis::CheckGenesis"), implicit: hash256 },
  {
    identifier: "CheckMortality",
    extra: newtype("node_subtensor_runtime::check_mortality::CheckMortality", era, runtimeParameter),
    implicit: hash256,
  },
  {
    identifier: "CheckNonce",
    extra: newtype("node_subtensor_runtime::check_nonce::CheckNonce", compactU32, runtimeParameter),
    implicit: unit,
  },
  { identifier: "CheckWeight", extra: marker("frame_system::extensions::check_weight::CheckWeight"), implicit: unit },
  {
    identifier: "ChargeTransactionPayment",
    extra: newtype("pallet_transaction_payment::ChargeTransactionPayment", compactU64, runtimeParameter),
    implicit: unit,
  },
  {
    identifier: "SudoTransactionExtension",
    extra: marker("node_subtensor_runtime::sudo_wrapper::SudoTransactionExtension"),
    implicit: unit,
  },
  { identifier: "CheckShieldedTxValidity", extra: marker("pallet_shield::extension::CheckShieldedTxValidity"), implicit: unit },
  {
    identifier: "SubtensorTransactionExtension",
    extra: marker("pallet_subtensor::extensions::subtensor::SubtensorTransactionExtension"),
    implicit: unit,
  },
  { identifier: "DrandPriority", extra: marker("pallet_drand::drand_priority::DrandPriority"), implicit: unit },
  {
    identifier: "CheckMetadataHash",
    extra: struct("frame_metadata_hash_extension::CheckMetadataHash", { mode: metadataHashMode }, runtimeParameter),
    implicit: option(fixedBytes(32)),
  },
];

/** An extrinsic as opaque bytes, as metadata knows it. */
export const uncheckedExtrinsic = newtype("sp_runtime::generic::unchecked_extrinsic::UncheckedExtrinsic", bytes, [
  { name: "Address", codec: multiAddress },
  { name: "Call", codec: runtimeCall },
  { name: "Signature", codec: multiSignature },
  { name: "Extra", codec: signedExtra },
]);
