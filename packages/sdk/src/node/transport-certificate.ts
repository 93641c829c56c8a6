import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** A key for TLS and the certificate that names it. */
export type TransportCertificate = {
  /** PKCS#8, PEM. A secret; it lives as long as the server. */
  readonly keyPem: string;
  /** PEM. */
  readonly certificatePem: string;
  /** DER: what a hello's answer carries, and what validators pin. */
  readonly certificateDer: Uint8Array;
};

/** Parts of DER (X.690): a tag, a length and the content. */
function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const lengthBytes = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...lengthBytes]), content]);
}

const SEQUENCE = 0x30;
const SET = 0x31;
const hex = (text: string) => Buffer.from(text, "hex");
const ECDSA_WITH_SHA256 = der(SEQUENCE, hex("06082a8648ce3d040302"));
const COMMON_NAME = hex("0603550403");
const BASIC_CONSTRAINTS = hex("0603551d13");
const SUBJECT_KEY_IDENTIFIER = hex("0603551d0e");
const TRUE = hex("0101ff");
// No clock takes part: the certificate is as good as the session that names it.
const NOT_BEFORE = der(0x18, Buffer.from("19700101000000Z"));
const NOT_AFTER = der(0x18, Buffer.from("99991231235959Z")); // RFC 5280, 4.1.2.5: no defined end

/**
 * A fresh P-256 key and a certificate over it, signed by itself. Nobody vouches for it but the hotkey that signs the hello's answer,
 * which names it: see docs/protocol.md. Shape: X.509 version 3 (RFC 5280), an end entity that is its own root.
 */
export function createTransportCertificate(): TransportCertificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const certificateDer = selfSigned(privateKey, publicKey);
  const base64 = certificateDer.toString("base64").replace(/.{64}/g, "$&\n");
  return {
    keyPem: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    certificatePem: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    certificateDer,
  };
}

function selfSigned(privateKey: KeyObject, publicKey: KeyObject): Buffer {
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(0x0c, Buffer.from("vision-miner")))));
  const spki = publicKey.export({ format: "der", type: "spki" });
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40; // positive, and never with a leading zero byte
  const keyId = createHash("sha256").update(spki).digest().subarray(0, 20);
  const extensions = der(
    SEQUENCE,
    der(SEQUENCE, BASIC_CONSTRAINTS, TRUE, der(0x04, der(SEQUENCE, TRUE))),
    der(SEQUENCE, SUBJECT_KEY_IDENTIFIER, der(0x04, der(0x04, keyId))),
  );
  const toBeSigned = der(
    SEQUENCE,
    hex("a003020102"), // version 3
    der(0x02, serial),
    ECDSA_WITH_SHA256,
    name,
    der(SEQUENCE, NOT_BEFORE, NOT_AFTER),
    name,
    spki,
    der(0xa3, extensions),
  );
  const signature = sign("sha256", toBeSigned, privateKey);
  return der(SEQUENCE, toBeSigned, ECDSA_WITH_SHA256, der(0x03, Buffer.from([0]), signature));
}
