import { VERDICTS_PATH, type VerdictsPage, verdictsRequestSchema } from "@vision/protocol";
import {
  claimVerdicts,
  createReplayWindow,
  DEFAULT_MAX_AGE_MS,
  DEFAULT_MAX_FUTURE_MS,
  ready,
  type VerifyFailure,
  verifyRequest,
  verifyRequestHead,
} from "@vision/signing";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { VerdictPlace } from "../domain/records/index.js";
import type { CheckStore, Clock, VerdictSigner } from "../ports/index.js";
import { ApiError, tooManyRequests } from "./api-error.js";
import type { Door } from "./door.js";
import { createRateLimiter } from "./rate-limiter.js";
import { withinTime } from "./within-time.js";

/** What the verdicts are read and signed with. */
export type VerdictRouteDependencies = {
  readonly store: Pick<CheckStore, "getVerdicts">;
  readonly verdicts: VerdictSigner;
  readonly clock: Clock;
  readonly door: Pick<Door, "letStrangerIn">;
};

/** A day of a miner with every task is a handful of pages. */
const PAGES_PER_MINUTE = 30;
const BODY_BYTES = 4_096;
const READ_LIMIT_MS = 5_000;
const REMEMBERED = { maxEntries: 20_000, maxEntriesPerSigner: 4 * PAGES_PER_MINUTE };

const failures: Readonly<Record<VerifyFailure, string>> = {
  malformed: "The request is not signed: it needs the headers of an Epistula version 2 request.",
  stale: "The request was signed too long ago. Check the clock.",
  future: "The request was signed in the future. Check the clock.",
  "not-for-us": "The request is signed for another validator.",
  "bad-signature": "The signature does not hold.",
  "not-permitted": "The hotkey is not permitted.",
  replayed: "The request came before.",
};

function refusal(reason: VerifyFailure): ApiError {
  return new ApiError({ status: 401, code: "invalid_signature", message: failures[reason] });
}

function placeOf(cursor: string | null): VerdictPlace | null {
  if (cursor === null) return null;
  const [period = 0, sequence = 0] = cursor.split(".").map(Number);
  return { period, sequence };
}

/**
 * `POST /v1/verdicts`: a miner, told by its signature, gets the verdicts on its own answers, signed by the validator. Address, form, time,
 * replay and the hotkey's share of a minute are looked at before the body; only a signature that holds takes something from that share, so
 * that nobody can use up another's.
 */
export function addVerdictRoutes(app: FastifyInstance, { store, verdicts, clock, door }: VerdictRouteDependencies): void {
  const ourAddress = verdicts.validator;
  // What an earlier process has served may come once more: it is read only, and its answer is worth nothing to anybody else.
  const replayWindow = createReplayWindow({ ...REMEMBERED, windowMs: DEFAULT_MAX_AGE_MS + DEFAULT_MAX_FUTURE_MS });
  const limiter = createRateLimiter();
  const assertShare = (hotkey: string, decide: "look" | "take") => {
    const { isAllowed, retryAfterMs } = limiter[decide]({ key: hotkey, perMinute: PAGES_PER_MINUTE }, clock.monotonicMs());
    if (!isAllowed) throw tooManyRequests("Too many requests of this hotkey.", retryAfterMs);
  };

  async function letMinerIn(request: FastifyRequest): Promise<void> {
    door.letStrangerIn(request);
    const head = verifyRequestHead({ headers: request.headers, ourAddress, nowMs: clock.nowMs(), replayWindow });
    if (!head.ok) throw refusal(head.reason);
    assertShare(head.signedBy, "look");
    await ready();
  }

  async function answer(request: FastifyRequest): Promise<VerdictsPage> {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const verified = verifyRequest({ headers: request.headers, body, ourAddress, nowMs: clock.nowMs(), replayWindow });
    if (!verified.ok) throw refusal(verified.reason);
    assertShare(verified.signedBy, "take");
    const { sinceMs, after, limit } = parseBody(body);
    const query = { hotkey: verified.signedBy, sinceMs, after: placeOf(after), limit };
    const found = await withinTime(store.getVerdicts(query), READ_LIMIT_MS, clock);
    const next = found.next === null ? null : `${found.next.period}.${found.next.sequence}`;
    const page = { miner: verified.signedBy, uuid: verified.uuid, atMs: clock.nowMs(), verdicts: [...found.verdicts], next };
    return { ...page, validator: ourAddress, signatureHex: await verdicts.sign(claimVerdicts(page)) };
  }

  void app.register(async (signed) => {
    signed.removeAllContentTypeParsers();
    // As it came: the signature is over the bytes.
    signed.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: BODY_BYTES }, (_request, body, done) => done(null, body));
    signed.post(VERDICTS_PATH, { onRequest: letMinerIn }, answer);
  });
}

function parseBody(body: Uint8Array) {
  let json: unknown = null;
  try {
    json = JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    // Refused below, with what is expected.
  }
  const parsed = verdictsRequestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const message = 'The body must be JSON with "purpose": "verdicts", and sinceMs, after and limit as they are documented.';
  throw new ApiError({ status: 400, code: "invalid_request", param: null, message });
}
