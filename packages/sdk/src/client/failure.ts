import { wireErrorSchema } from "@vision/protocol";
import type { Blame, ClientFailure } from "./miner-client.js";

/** A failure as a value. */
export function clientFailure(blame: Blame, reason: string, status: number | null = null): ClientFailure {
  return { ok: false, blame, reason: reason.slice(0, 500), status };
}

// What the machine that we run on lacks. Everything else between two machines counts against the one that was to be reached.
const ownCodes = new Set([
  "EMFILE",
  "ENFILE",
  "ENOBUFS",
  "ENOMEM",
  "EADDRNOTAVAIL",
  "ENETDOWN",
  "ENETUNREACH",
  "UND_ERR_INVALID_ARG",
  "ERR_INVALID_ARG_TYPE",
]);

// What OpenSSL calls a certificate that is not the one that is trusted.
const otherCertificateCodes = new Set(["DEPTH_ZERO_SELF_SIGNED_CERT", "SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"]);
const OTHER_CERTIFICATE = "other_certificate";

/** Whoever answered is not who the session was opened with: the miner was started anew, or somebody else sits in its place. */
function otherCertificate(): ClientFailure {
  return { ...clientFailure("miner", "the connection is not the one that the session was opened for"), code: OTHER_CERTIFICATE };
}

/** Whether a new session may help: the miner forgot this one, or proves itself with another certificate now. */
export function isSessionLost({ status, code }: Pick<ClientFailure, "status" | "code">): boolean {
  return status === 401 || code === OTHER_CERTIFICATE;
}

/** The failure that an error of an HTTP client means. */
export function networkFailure(error: unknown): ClientFailure {
  const code = codeOf(error);
  if (code !== null && otherCertificateCodes.has(code)) return otherCertificate();
  const text = code ?? (error instanceof Error ? error.name : "unknown");
  return clientFailure(code !== null && ownCodes.has(code) ? "validator" : "miner", `connection failed: ${text}`);
}

function codeOf(error: unknown): string | null {
  if (typeof error !== "object" || error === null) return null;
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown };
  return typeof code === "string" ? code : codeOf(cause);
}

/** Why a miner refused, in its own words and with its code if it sent an error in the protocol's shape. */
export function statusFailure(status: number, body: unknown): ClientFailure {
  const parsed = wireErrorSchema.safeParse(body);
  const detail = parsed.success ? `: ${parsed.data.error.code ?? ""} ${parsed.data.error.message}` : "";
  const code = parsed.success ? parsed.data.error.code : null;
  const failure = clientFailure("miner", `status ${status}${detail}`, status);
  return typeof code === "string" ? { ...failure, code } : failure;
}

/** Milliseconds of a `Retry-After` header in seconds; `null` when it is missing, a date or nonsense. */
export function parseRetryAfterMs(header: unknown): number | null {
  return typeof header === "string" && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : null;
}
