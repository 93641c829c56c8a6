import { connect } from "node:tls";
import { sha256Hex } from "@vision/signing";

const LIMIT_MS = 5_000;

/** SHA-256, hex, of the certificate that a program presents, whoever signed it; null where it speaks no TLS. Never rejects. */
export function readCertificate(place: { readonly host: string; readonly port: number }): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ ...place, rejectUnauthorized: false, timeout: LIMIT_MS });
    const end = (result: string | null) => {
      socket.destroy();
      resolve(result);
    };
    socket.on("error", () => end(null));
    socket.once("timeout", () => end(null));
    socket.once("close", () => end(null));
    socket.once("secureConnect", () => {
      const certificate = socket.getPeerX509Certificate();
      end(certificate === undefined ? null : sha256Hex(certificate.raw));
    });
  });
}
