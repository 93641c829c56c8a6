import type { SecureContextOptions } from "node:tls";

/** How a miner's transport is told to be the miner's. */
export type TransportTrust = SecureContextOptions & {
  readonly rejectUnauthorized: boolean;
  readonly checkServerIdentity: () => undefined;
};

// The name in the certificate says nothing: the signed answer to the hello says whose it is.
const checkServerIdentity = () => undefined;

/** Trust in whoever proves itself with this very certificate (DER), and in nobody else. */
export function trustOnly(certificate: Uint8Array): TransportTrust {
  const base64 = Buffer.from(certificate).toString("base64");
  const ca = `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{1,64}/g, "$&\n")}-----END CERTIFICATE-----\n`;
  return { ca, rejectUnauthorized: true, minVersion: "TLSv1.3", checkServerIdentity };
}

/** For a hello, which is signed on its own and holds no secret: the certificate comes with its answer. */
export const trustAnybody: TransportTrust = { rejectUnauthorized: false, minVersion: "TLSv1.3", checkServerIdentity };
