// btauth/1 (bittensor 11.x http_auth) with our keys: what docs/reference/interop.md describes.
import { sha256Hex, verifySignature } from "@vision/signing";

/** The bytes that are signed. */
export function btauthPayload({ method, path, body, nonce, sender, receiver }) {
  return Buffer.from(["btauth/1", "sr25519", method, path, sha256Hex(body), nonce, sender, receiver].join("\n"));
}

/** Headers of a signed request. `nonce`: nanoseconds since 1970 as a bigint. */
export function signBtauth({ hotkey, receiver, method, path, body, nonce }) {
  const payload = btauthPayload({ method, path, body, nonce, sender: hotkey.address, receiver });
  return {
    "x-bittensor-version": "1",
    "x-bittensor-hotkey": hotkey.address,
    "x-bittensor-receiver": receiver,
    "x-bittensor-nonce": String(nonce),
    "x-bittensor-signature": `0x${Buffer.from(hotkey.sign(payload)).toString("hex")}`,
  };
}

/** True when the headers were signed by who they name, for us, over this request. */
export function verifyBtauth({ headers, ourAddress, method, path, body }) {
  if (headers["x-bittensor-receiver"] !== ourAddress) return false;
  const sender = String(headers["x-bittensor-hotkey"]);
  const message = btauthPayload({ method, path, body, nonce: headers["x-bittensor-nonce"], sender, receiver: ourAddress });
  const signature = Buffer.from(String(headers["x-bittensor-signature"]).replace(/^0x/, ""), "hex");
  return verifySignature({ address: sender, message, signature });
}
