import { blake2AsU8a } from "@polkadot/util-crypto";
import type { ChainSigner } from "../port.js";
import type { Runtime } from "../runtime/runtime.js";

/** Blocks for which an extrinsic stays valid, as long as Python's SDK makes it. A power of two. */
export const ERA_PERIOD_BLOCKS = 128;
const MULTI_SIGNATURE_SR25519 = 1;

/** What a signature binds an extrinsic to. */
export type SignContext = {
  readonly nonce: number;
  /** The block that the era starts at: a recent one, so that a reorganisation does not make the extrinsic invalid. */
  readonly eraBlock: { readonly number: number; readonly hash: string };
};

/** A signed extrinsic, ready to be submitted. */
export type SignedExtrinsic = {
  readonly hex: string;
  /** Blake2-256 of the bytes, hex: what blocks are searched for. */
  readonly hash: string;
};

/** Signs a call with a mortal era, no tip, and every extension of the runtime at its neutral value. */
export async function signExtrinsic(
  runtime: Runtime,
  call: Uint8Array,
  options: SignContext & { readonly signer: ChainSigner },
): Promise<SignedExtrinsic> {
  const { registry } = runtime;
  const payload = {
    address: options.signer.address,
    blockHash: options.eraBlock.hash,
    blockNumber: options.eraBlock.number,
    era: registry.createTypeUnsafe("ExtrinsicEra", [{ current: options.eraBlock.number, period: ERA_PERIOD_BLOCKS }]),
    genesisHash: runtime.genesisHash,
    method: `0x${Buffer.from(call).toString("hex")}`,
    nonce: options.nonce,
    signedExtensions: registry.signedExtensions,
    specVersion: runtime.version.specVersion,
    tip: 0,
    transactionVersion: runtime.version.transactionVersion,
    version: 4,
  };
  const bytes = registry.createTypeUnsafe("ExtrinsicPayload", [payload, { version: 4 }]).toU8a({ method: true } as never);
  const signature = await options.signer.sign(bytes.length > 256 ? blake2AsU8a(bytes, 256) : bytes);
  const extrinsic = registry.createTypeUnsafe("Extrinsic", [registry.createTypeUnsafe("Call", [call]), { version: 4 }]);
  if (!("addSignature" in extrinsic) || typeof extrinsic.addSignature !== "function")
    throw new TypeError("The registry made no extrinsic.");
  extrinsic.addSignature(options.signer.address, Uint8Array.from([MULTI_SIGNATURE_SR25519, ...signature]), payload);
  const encoded = extrinsic.toU8a();
  return { hex: `0x${Buffer.from(encoded).toString("hex")}`, hash: `0x${Buffer.from(blake2AsU8a(encoded, 256)).toString("hex")}` };
}
