import { wireErrorSchema } from "@vision/protocol";
import type { Blame, ClientFailure, FailureStage } from "./miner-client.js";

/** A failure as a value. `status` is null when left out. */
export function clientFailure(failure: {
  readonly stage: FailureStage;
  readonly blame: Blame;
  readonly reason: string;
  readonly status?: number;
}): ClientFailure {
  const { stage, blame, reason, status = null } = failure;
  return { ok: false, stage, blame, reason: reason.slice(0, 500), status };
}

/** The caller gave up: nobody is to blame. */
export function cancelledFailure(status?: number): ClientFailure {
  const reason = "cancelled by the caller";
  return clientFailure({ stage: "cancelled", blame: "nobody", reason, ...(status === undefined ? {} : { status }) });
}

/** The miner answered with something that cannot be used. */
export function contentFailure(reason: string): ClientFailure {
  return clientFailure({ stage: "content", blame: "miner", reason, status: 200 });
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
  const reason = "the connection is not the one that the session was opened for";
  return { ...clientFailure({ stage: "session", blame: "miner", reason }), code: OTHER_CERTIFICATE };
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
  const blame = code !== null && ownCodes.has(code) ? "validator" : "miner";
  return clientFailure({ stage: "connection", blame, reason: `connection failed: ${text}` });
}

function codeOf(error: unknown): string | null {
  if (typeof error !== "object" || error === null) return null;
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown };
  return typeof code === "string" ? code : codeOf(cause);
}

/** Why a miner refused, in its own words and with its code if it sent an error in the protocol's shape. */
export function statusFailure(status: number, body: unknown): ClientFailure {
  const parsed = wireErrorSchema.safeParse(body);
  if (!parsed.success) return clientFailure({ stage: "status", blame: "miner", reason: `status ${status}`, status });
  const { code, message } = parsed.data.error;
  const failure = clientFailure({ stage: "status", blame: "miner", reason: `status ${status}: ${code ?? ""} ${message}`, status });
  return { ...failure, ...(typeof code === "string" ? { code } : {}), minerMessage: message.slice(0, 500) };
}

/** Milliseconds of a `Retry-After` header in seconds; `null` when it is missing, a date or nonsense. */
export function parseRetryAfterMs(header: unknown): number | null {
  return typeof header === "string" && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : null;
}
