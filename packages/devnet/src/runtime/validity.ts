import { sr25519Verify } from "@polkadot/wasm-crypto";
import { systemStorage } from "../metadata/pallets/system.js";
import type { Hash } from "../metadata/types/common.js";
import { fromHex } from "../scale/hex.js";
import { freeBalance } from "./accounts.js";
import type { Context } from "./context.js";
import { type Extrinsic, eraBirth, signedPayload } from "./extrinsic.js";
import { feeOf } from "./fees.js";
import { rejectionCode } from "./guards.js";

/** Whether an extrinsic may enter a block now, may later (`future`: earlier nonces are missing), or never as it is. */
export type Validity =
  | { readonly kind: "ready" }
  | { readonly kind: "future" }
  | { readonly kind: "invalid"; readonly reason: "BadProof" | "Stale" | "Payment" | "AncientBirthBlock" | "Call" }
  | { readonly kind: "invalid"; readonly reason: "Custom"; readonly code: number };

/** The chain that signatures are bound to. */
export type SignatureDomain = { readonly genesisHash: Hash; readonly blockHashAt: (number: number) => Hash | null };

/**
 * True when the signature of an extrinsic is that of its account, over this chain and an era that is not over.
 *
 * @param blockNumber - Newest block.
 */
export function checkSignature(extrinsic: Extrinsic, blockNumber: number, domain: SignatureDomain): Validity {
  const { signed } = extrinsic;
  if (signed === null) return { kind: "invalid", reason: "Call" };
  const birth = eraBirth(signed.era, blockNumber);
  const eraBirthHash = domain.blockHashAt(birth);
  if (eraBirthHash === null) return { kind: "invalid", reason: "AncientBirthBlock" };
  if (signed.signature.type !== "Sr25519") return { kind: "invalid", reason: "BadProof" };
  const payload = signedPayload(extrinsic, { genesisHash: domain.genesisHash, eraBirthHash });
  const isValid = sr25519Verify(signed.signature.value[0], payload, fromHex(signed.account));
  return isValid ? { kind: "ready" } : { kind: "invalid", reason: "BadProof" };
}

/** Checks nonce, balance for the fee, and what the chain checks before a call may enter a block. The signature is checked apart, once. */
export function checkValidity(context: Pick<Context, "state" | "blockNumber">, extrinsic: Extrinsic): Validity {
  const { signed, call } = extrinsic;
  if (signed === null) return { kind: "invalid", reason: "Call" };
  const { nonce } = context.state.get(systemStorage.account, signed.account);
  if (signed.nonce < nonce) return { kind: "invalid", reason: "Stale" };
  const feeRao = feeOf(call, extrinsic.bytes.length) + signed.tipRao;
  if (freeBalance(context, signed.account) < feeRao) return { kind: "invalid", reason: "Payment" };
  const code = rejectionCode(context, signed.account, call);
  if (code !== null) return { kind: "invalid", reason: "Custom", code };
  return signed.nonce > nonce ? { kind: "future" } : { kind: "ready" };
}
