import { epistulaHeaders, sessionHeaders, type WireErrorCode } from "@vision/protocol";
import {
  acceptHello,
  createReplayWindow,
  DEFAULT_MAX_FUTURE_MS,
  type Hotkey,
  type IncomingHeaders,
  verifyRequest,
  verifyRequestHead,
  verifySessionHead,
  verifySessionRequest,
} from "@vision/signing";
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

/** What the headers of a request claim, or why it is refused whatever its body is. */
export type HeadAuthentication =
  | {
      readonly ok: true;
      /** Whether the head names a session that is open: a secret between a validator and us, while anybody can name a validator. */
      readonly isInSession: boolean;
    }
  | Extract<Authentication, { ok: false }>;

/** Decides who a request is from. */
export type Authenticator = {
  /** Checks all that can be checked before the body is there: form, version, receiver, time, first use, permit. Costs no cryptography. */
  checkHead(headers: MinerRequestHead["headers"], kind: "hello" | "request"): HeadAuthentication;
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
  const startedMs = clock.nowMs();
  const createWindow = (notBeforeMs: number) =>
    createReplayWindow({
      windowMs: REPLAY_WINDOW_MS,
      maxEntries: MAX_REPLAY_ENTRIES,
      maxEntriesPerSigner: MAX_REPLAY_ENTRIES_PER_SIGNER,
      notBeforeMs,
    });
  const replayWindows = {
    // A process before us may have served what is stamped as far ahead as is allowed.
    request: createWindow(startedMs + DEFAULT_MAX_FUTURE_MS),
    // A hello of an earlier process opens a session that only its sender has the key of, so sessions can be opened from the first moment.
    hello: createWindow(startedMs),
  };

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
    checkHead(headers, kind) {
      const nowMs = clock.nowMs();
      const sessionId = kind === "request" ? readSessionId(headers) : null;
      if (sessionId !== null) {
        const stored = sessions.get(sessionId);
        if (stored === null) return unauthenticated("unknown session");
        const verified = verifySessionHead({ ...stored, headers, nowMs });
        if (!verified.ok) return unauthenticated(verified.reason);
        const permitted = permit(stored.session.peer);
        return permitted.ok ? { ok: true, isInSession: true } : permitted;
      }
      if (headers[epistulaHeaders.signedBy] === undefined) return unauthenticated("no session and no signature");
      const verified = verifyRequestHead({ headers, ourAddress: hotkey.address, nowMs, replayWindow: replayWindows[kind] });
      if (!verified.ok) return unauthenticated(verified.reason);
      const permitted = permit(verified.signedBy);
      return permitted.ok ? { ok: true, isInSession: false } : permitted;
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
          replayWindow: replayWindows.request,
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
        replayWindow: replayWindows.hello,
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
