import { routes } from "@vision/protocol";
import { completeHello, createHello, type Hotkey, macRequest, type Session } from "@vision/signing";
import type { Clock } from "../runtime/clock.js";
import { onAbort } from "../runtime/on-abort.js";
import { createUuid, type RandomBytes } from "../runtime/random-bytes.js";
import type { ControlPlane } from "./control-plane.js";
import { cancelledFailure, clientFailure } from "./failure.js";
import type { ClientFailure, MinerTarget } from "./miner-client.js";
import { targetKey, targetOrigin } from "./target.js";
import { type TransportTrust, trustAnybody, trustOnly } from "./transport.js";

/** A session at the validator. Requests are numbered here. */
export type ClientSession = {
  readonly sessionId: string;
  readonly expiresAtMs: number;
  /** Who is at the other end of the connections that its requests go over. */
  readonly trust: TransportTrust;
  /** Headers that authenticate one request, made now. Call it right before sending. */
  authenticate(method: string, path: string, body: Uint8Array): Record<string, string>;
};

/** A session that can be used now, or why there is none. */
export type SessionResult = { readonly ok: true; readonly session: ClientSession } | ClientFailure;

/** The open sessions, one for each target. */
export type SessionCache = {
  get(target: MinerTarget, signal?: AbortSignal): Promise<SessionResult>;
  /** Forgets a session that the miner refused, unless it was renewed in the meantime. */
  drop(target: MinerTarget, session: ClientSession): void;
};

/** What a session cache is made from. */
export type SessionCacheOptions = {
  readonly hotkey: Hotkey;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly controlPlane: ControlPlane;
};

const RENEW_MS = 60_000; // below this much time left a new session is opened beside the old one
const UNUSABLE_MS = 5_000; // below this the miner's clock may already say that it is over
const MIN_TTL_MS = 10_000; // a shorter session would make us pay a signature for nearly every request
const MAX_TTL_MS = 24 * 3_600_000;
const MAX_HELLO_BYTES = 16 * 1024;
const MAX_HELLO_VALUES = 64; // its own fields are a handful
const MAX_SESSIONS = 8192;

/** Sessions in memory: opened once however many ask, renewed before they end. */
export function createSessionCache({ hotkey, clock, randomBytes, controlPlane }: SessionCacheOptions): SessionCache {
  const sessions = new Map<string, ClientSession>();
  const pending = new Map<string, Promise<SessionResult>>();

  const hello = async (target: MinerTarget): Promise<SessionResult> => {
    const uuid = createUuid(randomBytes);
    const opening = createHello({ hotkey, minerAddress: target.hotkey, uuid, timestampMs: clock.nowMs(), ephemeralSeed: randomBytes(32) });
    const answer = await controlPlane.post({
      url: targetOrigin(target) + routes.hello.path,
      headers: opening.headers,
      body: opening.body,
      maxResponseBytes: MAX_HELLO_BYTES,
      maxResponseValues: MAX_HELLO_VALUES,
      trust: trustAnybody,
    });
    if (!answer.ok) return { ...answer, reason: `hello: ${answer.reason}` };
    const nowMs = clock.nowMs();
    const completed = completeHello({ pending: opening.pending, response: answer.body, nowMs });
    if (!completed.ok) return clientFailure({ stage: "session", blame: "miner", reason: `hello: ${completed.reason}`, status: 200 });
    if (completed.session.expiresAtMs - nowMs < MIN_TTL_MS) {
      return clientFailure({ stage: "session", blame: "miner", reason: "hello: the session ends too soon", status: 200 });
    }
    return { ok: true, session: createClientSession(completed, clock, nowMs + MAX_TTL_MS) };
  };

  const remember = (key: string, session: ClientSession) => {
    sessions.delete(key);
    const [oldest] = sessions.keys();
    if (sessions.size >= MAX_SESSIONS && oldest !== undefined) sessions.delete(oldest);
    sessions.set(key, session);
  };

  const open = (target: MinerTarget, key: string): Promise<SessionResult> => {
    const running = pending.get(key);
    if (running !== undefined) return running;
    const opening = hello(target)
      .catch((error: unknown) => clientFailure({ stage: "request", blame: "validator", reason: `the hello failed: ${String(error)}` }))
      .then((result) => {
        pending.delete(key);
        if (result.ok) remember(key, result.session);
        return result;
      });
    pending.set(key, opening);
    return opening;
  };

  return {
    async get(target, signal) {
      const key = targetKey(target);
      const session = sessions.get(key);
      const leftMs = session === undefined ? 0 : session.expiresAtMs - clock.nowMs();
      if (session !== undefined && leftMs > UNUSABLE_MS) {
        if (leftMs < RENEW_MS) void open(target, key);
        return { ok: true, session };
      }
      return abandonable(open(target, key), signal);
    },
    drop(target, session) {
      const key = targetKey(target);
      if (sessions.get(key) === session) sessions.delete(key);
    },
  };
}

type OpenSession = { readonly session: Session; readonly certificate: Uint8Array };

function createClientSession({ session, certificate }: OpenSession, clock: Clock, latestEndMs: number): ClientSession {
  let counter = 0;
  return {
    sessionId: session.sessionId,
    expiresAtMs: Math.min(session.expiresAtMs, latestEndMs),
    trust: trustOnly(certificate),
    authenticate(method, path, body) {
      const headers = macRequest(session, { method, path, body, timestampMs: clock.nowMs(), counter });
      counter += 1;
      return headers;
    },
  };
}

/** The shared result, or a failure as soon as this one caller gives up; the hello goes on for the others. */
function abandonable(shared: Promise<SessionResult>, signal: AbortSignal | undefined): Promise<SessionResult> {
  if (signal === undefined) return shared;
  const cancelled = cancelledFailure();
  if (signal.aborted) return Promise.resolve(cancelled);
  return new Promise((resolve) => {
    const removeListener = onAbort(signal, () => resolve(cancelled));
    void shared.then((result) => {
      removeListener();
      resolve(result);
    });
  });
}
