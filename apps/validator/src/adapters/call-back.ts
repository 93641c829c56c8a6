import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { anySignal } from "@vision/protocol";
import { sha256Hex } from "@vision/signing";
import type { CallBack, SeenThere } from "../ports/index.js";

type Refusal = Exclude<SeenThere["tcp"], "accepted">;

/** Connects by Node.js's own sockets. */
export const callBack: CallBack = async ({ host, port }, { limitMs, signal }) => {
  const limit = anySignal([signal, AbortSignal.timeout(limitMs)]);
  const opened = await open({ host, port }, limit);
  if (typeof opened === "string") return { tcp: opened, tls: "notTried", certificateSha256Hex: null };
  try {
    return { tcp: "accepted", ...(await shakeHands(opened, limit)) };
  } finally {
    // With a reset: whoever holds the other end open keeps nothing of ours.
    opened.resetAndDestroy();
  }
};

function open(place: { readonly host: string; readonly port: number }, signal: AbortSignal): Promise<Socket | Refusal> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve("silent");
    const socket = connect(place);
    const leave = (result: Refusal) => {
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
      resolve(result);
    };
    const onAbort = () => leave("silent");
    signal.addEventListener("abort", onAbort, { once: true });
    // Also what comes later, when nobody waits for it any more.
    socket.on("error", (error: NodeJS.ErrnoException) => leave(refusals[error.code ?? ""] ?? "unreachable"));
    socket.once("connect", () => {
      signal.removeEventListener("abort", onAbort);
      resolve(socket);
    });
  });
}

const refusals: Readonly<Record<string, Refusal>> = { ECONNREFUSED: "refused", ECONNRESET: "refused", ETIMEDOUT: "silent" };

type Handshake = Pick<SeenThere, "tls" | "certificateSha256Hex">;

const silent: Handshake = { tls: "silent", certificateSha256Hex: null };
const failed: Handshake = { tls: "failed", certificateSha256Hex: null };

/** The certificate that the other end proves itself with, whoever signed it. */
function shakeHands(socket: Socket, signal: AbortSignal): Promise<Handshake> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(silent);
    const secured = connectTls({ socket, rejectUnauthorized: false });
    const end = (result: Handshake) => {
      signal.removeEventListener("abort", onAbort);
      secured.destroy();
      resolve(result);
    };
    const onAbort = () => end(silent);
    signal.addEventListener("abort", onAbort, { once: true });
    secured.on("error", () => end(failed));
    secured.once("close", () => end(failed));
    secured.once("secureConnect", () => {
      const certificate = secured.getPeerX509Certificate();
      end({ tls: "completed", certificateSha256Hex: certificate === undefined ? null : sha256Hex(certificate.raw) });
    });
  });
}
