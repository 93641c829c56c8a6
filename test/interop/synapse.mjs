// Synapse requests (bittensor 10.x dendrite and axon) with our keys: what docs/reference/interop.md describes.
import { createHash } from "node:crypto";
import { verifySignature } from "@vision/signing";

const sha3 = (text) => createHash("sha3-256").update(text).digest("hex");

/** Version of the SDK that the headers claim: from 7.2.0 on axons check the time of the nonce. */
const CLAIMED_VERSION = 10_005_000;

/** SHA3-256 of the hashes of the fields that the class names in `required_hash_fields`, in its order. Only strings are alike in both languages. */
export function bodyHash(fields) {
  return sha3(fields.map(sha3).join(""));
}

/** The bytes that are signed. */
export function synapseMessage({ nonce, dendriteHotkey, axonHotkey, uuid, bodyHash: hash }) {
  return Buffer.from(`${nonce}.${dendriteHotkey}.${axonHotkey}.${uuid}.${hash}`);
}

/**
 * Headers of a signed request.
 *
 * @param nonce - Nanoseconds since 1970 as a bigint: newer than the axon's clock less four seconds and the timeout, and rising per uuid.
 */
export function signSynapse({ hotkey, axonHotkey, name, hashFields, nonce, uuid }) {
  const hash = bodyHash(hashFields);
  const message = synapseMessage({ nonce, dendriteHotkey: hotkey.address, axonHotkey, uuid, bodyHash: hash });
  return {
    "content-type": "application/json",
    name,
    timeout: "12.0",
    bt_header_dendrite_ip: "127.0.0.1",
    bt_header_dendrite_version: String(CLAIMED_VERSION),
    bt_header_dendrite_nonce: String(nonce),
    bt_header_dendrite_uuid: uuid,
    bt_header_dendrite_hotkey: hotkey.address,
    bt_header_dendrite_signature: `0x${Buffer.from(hotkey.sign(message)).toString("hex")}`,
    bt_header_axon_hotkey: axonHotkey,
    computed_body_hash: hash,
  };
}

/** True when the headers were signed by who they name, for us, over these fields of the body. */
export function verifySynapse({ headers, ourAddress, hashFields }) {
  const message = synapseMessage({
    nonce: headers.bt_header_dendrite_nonce,
    dendriteHotkey: headers.bt_header_dendrite_hotkey,
    axonHotkey: ourAddress,
    uuid: headers.bt_header_dendrite_uuid,
    bodyHash: bodyHash(hashFields),
  });
  const signature = Buffer.from(String(headers.bt_header_dendrite_signature).replace(/^0x/, ""), "hex");
  return verifySignature({ address: String(headers.bt_header_dendrite_hotkey), message, signature });
}
