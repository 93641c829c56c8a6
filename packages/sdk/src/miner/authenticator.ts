import { epistulaHeaders, sessionHeaders, type WireErrorCode } from "@vision/protocol";
import { acceptHello, createReplayWindow, type Hotkey, type IncomingHeaders, verifyRequest, verifySessionRequest } from "@vision/signing";
import type { Clock } from "../runtime/clock.js";
import type { RandomBytes } from "../runtime/random-bytes.js";
import type { MinerRequest, MinerRequestHead, MinerResponse } from "./miner.js";
import { errorResponse, jsonResponse } from "./respond.js";
import { createSessionStore } from "./session-store.js";
import type { ValidatorDirectory } from "./validator-directory.js";

/** Who sent a request, or how to answer instead. */
export type Authentication =
  | { readonly ok: true; readonly validator: string; readonly stakeRao: bigint }
  | { readonly ok: false; readonly code: WireErrorCode; readonly reason: string };

/** Decides who a request is from. */
export type Authenticator = {
  /** `null` when the credentials in the headers may be good; otherwise why they cannot be. Costs no cryptography. */
  checkHead(headers: MinerRequestHead["headers"]): Extract<Authentication, { ok: false }> | null;
  /** Session MAC, or a signature of its own. */
  authenticate(request: MinerRequest): Authentication;
  /** Answers `POST /v1/hello`. */
  hello(request: MinerRequest): MinerResponse;
};

/** What an authenticator is made from. */
export type AuthenticatorOptions = {
  readonly hotkey: Hotkey;
  readonly validators: ValidatorDirectory;
  readonly sessionTtlMs: number;
  /** In place of the certificate that the transport tells. */
  readonly transportCertificate?: Uint8Array | undefined;
  readonly clock: Clock;
  readonly random: RandomBytes;
};

const REPLAY_WINDOW_MS = 20_000; // above the largest accepted age plus future (8 s + 4 s)
const MAX_REPLAY_ENTRIES = 200_000;
const MAX_REPLAY_ENTRIES_PER_SIGNER = 50_000; // 4000 requests a second over the 12 s for which one can come again

/** Authentication by hello, session and signature, against one directory of validators. */
export function createAuthenticator({
  hotkey,
  validators,
  sessionTtlMs,
  transportCertificate,
  clock,
  random,
}: AuthenticatorOptions): Authenticator {
  const sessions = createSessionStore({ maxSessions: 4096, maxSessionsPerPeer: 16 });
  const replayWindow = createReplayWindow({
    windowMs: REPLAY_WINDOW_MS,
    maxEntries: MAX_REPLAY_ENTRIES,
    maxEntriesPerSigner: MAX_REPLAY_ENTRIES_PER_SIGNER,
    notBeforeMs: clock.nowMs(),
  });

  const unauthenticated = (reason: string) => ({ ok: false, code: "unauthenticated", reason }) as const;

  const permit = (validator: string): Authentication => {
    const standing = validators.isAllowed(validator);
    return standing.isAllowed
      ? { ok: true, validator, stakeRao: standing.stakeRao }
      : { ok: false, code: "not_permitted", reason: standing.reason };
  };

  /** The permit as a question that verification can ask, which keeps why the answer was no. */
  const createGate = () => {
    let refusal: Extract<Authentication, { ok: false }> | null = null;
    return {
      isPermitted(signedBy: string) {
        const permitted = permit(signedBy);
        refusal = permitted.ok ? null : permitted;
        return permitted.ok;
      },
      getRefusal: () => refusal,
    };
  };

  const readSessionId = (headers: IncomingHeaders) => {
    const value = headers[sessionHeaders.session];
    return typeof value === "string" ? value : null;
  };

  return {
    checkHead(headers) {
      const sessionId = readSessionId(headers);
      if (sessionId !== null) return sessions.get(sessionId) === null ? unauthenticated("unknown session") : null;
      const signedBy = headers[epistulaHeaders.signedBy];
      if (typeof signedBy !== "string") return unauthenticated("no session and no signature");
      if (headers[epistulaHeaders.signedFor] !== hotkey.address) return unauthenticated("not-for-us");
      const permitted = permit(signedBy);
      return permitted.ok ? null : permitted;
    },

    authenticate(request) {
      const { headers, method, path, body } = request;
      const sessionId = readSessionId(headers);
      if (sessionId === null) {
        const gate = createGate();
        const verified = verifyRequest({
          headers,
          body,
          ourAddress: hotkey.address,
          nowMs: clock.nowMs(),
          replayWindow,
          isPermitted: gate.isPermitted,
        });
        if (verified.ok) return permit(verified.signedBy);
        return gate.getRefusal() ?? unauthenticated(verified.reason);
      }
      const stored = sessions.get(sessionId);
      if (stored === null) return unauthenticated("unknown session");
      const verified = verifySessionRequest({ ...stored, headers, method, path, body, nowMs: clock.nowMs() });
      return verified.ok ? permit(verified.peer) : unauthenticated(verified.reason);
    },

    hello({ headers, body, certificate = transportCertificate }) {
      if (certificate === undefined) return errorResponse("invalid_request", "Sessions are opened over TLS.");
      const nowMs = clock.nowMs();
      const gate = createGate();
      const accepted = acceptHello({
        hotkey,
        headers,
        body,
        nowMs,
        replayWindow,
        isPermitted: gate.isPermitted,
        certificate,
        ephemeralSeed: random(32),
        sessionIdBytes: random(16),
        ttlMs: sessionTtlMs,
      });
      if (!accepted.ok) {
        const refusal = gate.getRefusal();
        if (refusal !== null) return errorResponse(refusal.code, refusal.reason);
        return accepted.reason === "incompatible-protocol"
          ? errorResponse("incompatible_protocol", "The hello speaks another major version of the protocol.")
          : errorResponse("unauthenticated", `The hello was refused: ${accepted.reason}.`);
      }
      sessions.add(accepted.session, nowMs);
      return jsonResponse(accepted.response);
    },
  };
}
