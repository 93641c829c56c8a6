import { blake2AsU8a } from "@polkadot/util-crypto";
import { type Era, signedExtra } from "../metadata/extrinsic-types.js";
import { type RuntimeCall, runtimeCall, SPEC_VERSION, TRANSACTION_VERSION } from "../metadata/runtime.js";
import { type AccountId, type Hash, hash256, multiAddress, multiSignature } from "../metadata/types/common.js";
import { ByteSink, ByteSource, ScaleError } from "../scale/bytes.js";
import { encodeWith, type ValueOf } from "../scale/codec.js";
import { fromHex, toHex } from "../scale/hex.js";
import { readLength, u32, writeCompact } from "../scale/primitives.js";

const SIGNED_V4 = 0x84;
const BARE_V4 = 0x04;
const BARE_V5 = 0x05;
const HASHED_ABOVE_BYTES = 256;

/** The signature of an extrinsic and what it covers beside the call. */
export type ExtrinsicSignature = {
  readonly account: AccountId;
  readonly signature: ValueOf<typeof multiSignature>;
  readonly era: Era;
  readonly nonce: number;
  readonly tipRao: bigint;
};

/** An extrinsic as decoded. `signed` is `null` for an inherent. */
export type Extrinsic = {
  /** With the length in front, as in a block. */
  readonly bytes: Uint8Array;
  readonly hash: Hash;
  readonly call: RuntimeCall;
  readonly callBytes: Uint8Array;
  readonly extraBytes: Uint8Array;
  readonly signed: ExtrinsicSignature | null;
};

/**
 * Decodes an extrinsic with its length in front.
 *
 * @throws ScaleError for anything but a version 4 extrinsic of a declared call.
 */
export function decodeExtrinsic(bytes: Uint8Array): Extrinsic {
  const source = new ByteSource(bytes);
  const length = readLength(source);
  if (length !== source.remaining) throw new ScaleError(`Length says ${length} bytes, there are ${source.remaining}`);
  const hash = toHex(blake2AsU8a(bytes, 256));
  const version = source.u8();
  if (version === BARE_V4 || version === BARE_V5) {
    const callBytes = bytes.slice(source.offset);
    return { bytes, hash, call: readCall(callBytes), callBytes, extraBytes: new Uint8Array(), signed: null };
  }
  if (version !== SIGNED_V4) throw new ScaleError(`Extrinsic version ${version} is not supported`);
  const address = multiAddress.decode(source);
  if (address.type !== "Id") throw new ScaleError(`Signers are given by account id, not by ${address.type}`);
  const signature = multiSignature.decode(source);
  const extraStart = source.offset;
  const extra = signedExtra.decode(source);
  if (extra.mode !== "Disabled") throw new ScaleError("Metadata hashes are not supported");
  const extraBytes = bytes.slice(extraStart, source.offset);
  const callBytes = bytes.slice(source.offset);
  const signed = { account: address.value[0], signature, era: extra.era, nonce: extra.nonce, tipRao: extra.tip };
  return { bytes, hash, call: readCall(callBytes), callBytes, extraBytes, signed };
}

function readCall(bytes: Uint8Array): RuntimeCall {
  const source = new ByteSource(bytes);
  const call = runtimeCall.decode(source);
  if (source.remaining > 0) throw new ScaleError(`${source.remaining} bytes after the call`);
  return call;
}

/** What the signer of an extrinsic signed; hashed when it is longer than 256 bytes. */
export function signedPayload(extrinsic: Extrinsic, chain: { readonly genesisHash: Hash; readonly eraBirthHash: Hash }): Uint8Array {
  const sink = new ByteSink();
  sink.bytes(extrinsic.callBytes);
  sink.bytes(extrinsic.extraBytes);
  sink.bytes(encodeWith(u32, SPEC_VERSION));
  sink.bytes(encodeWith(u32, TRANSACTION_VERSION));
  sink.bytes(encodeWith(hash256, chain.genesisHash));
  sink.bytes(fromHex(chain.eraBirthHash));
  sink.u8(0); // no metadata hash
  const payload = sink.finish();
  return payload.length > HASHED_ABOVE_BYTES ? blake2AsU8a(payload, 256) : payload;
}

/** An unsigned extrinsic, as inherents are. */
export function encodeInherent(call: RuntimeCall): Uint8Array {
  const callBytes = encodeWith(runtimeCall, call);
  const sink = new ByteSink();
  writeCompact(BigInt(callBytes.length + 1), sink);
  sink.u8(BARE_V4);
  sink.bytes(callBytes);
  return sink.finish();
}

/** Block that an era begins with, seen from the block that is current. */
export function eraBirth(era: Era, currentBlock: number): number {
  if (era.kind === "immortal") return 0;
  const { periodBlocks, phaseBlocks } = era;
  return Math.floor((Math.max(currentBlock, phaseBlocks) - phaseBlocks) / periodBlocks) * periodBlocks + phaseBlocks;
}
