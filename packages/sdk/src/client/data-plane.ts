import type { Readable } from "node:stream";
import {
  answerTimeLimits,
  getFamily,
  isJsonTooDeep,
  RECEIPT_HEADER,
  RECEIPT_WANTED,
  type ReplyLimits,
  replaceHalfCharacters,
} from "@vision/protocol";
import { nameRequest, parseReceipt, sha256Hex } from "@vision/signing";
import { type Dispatcher, Pool } from "undici";
import type { Clock } from "../runtime/clock.js";
import { parseJsonBytes } from "../runtime/parse-json.js";
import { createDeadline, type Deadline, type DeadlineLimits } from "./deadline.js";
import { clientFailure, contentFailure, isSessionLost, networkFailure, parseRetryAfterMs, statusFailure } from "./failure.js";
import type { ClientFailure, MeasureReading, MinerReply, MinerTarget, ReadReplyReceipt, SendOptions } from "./miner-client.js";
import { readBounded } from "./read-bounded.js";
import { readEventStream } from "./read-event-stream.js";
import type { ClientSession, SessionCache } from "./session-cache.js";
import { targetOrigin } from "./target.js";
import type { TransportTrust } from "./transport.js";

/** Inference requests: many, long, streamed. */
export type DataPlane = {
  send(target: MinerTarget, options: SendOptions): Promise<MinerReply>;
  close(): Promise<void>;
};

/** What a data plane is made from. */
export type DataPlaneOptions = {
  readonly clock: Clock;
  readonly sessions: SessionCache;
  readonly connections: number;
  readonly connectTimeoutMs: number;
};

type Attempt = {
  readonly session: ClientSession;
  /** Headers by which the miner knows who it is from. */
  readonly proof: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly path: string;
  readonly isStream: boolean;
  readonly isReceiptWanted: boolean;
  readonly limits: ReplyLimits;
  readonly deadline: Deadline;
  readonly startedAtMs: number;
  /** By the clock of the wall, which the miner found right when it took the request. */
  readonly sentAtMs: number;
  readonly measureReading: MeasureReading;
};

/** What every attempt at a request has in common. */
type Sent = Pick<Attempt, "body" | "limits" | "measureReading"> & { readonly times: DeadlineLimits };

const MAX_ERROR_BYTES = 64 * 1024;
const MAX_ERROR_MS = 2_000; // a refusal is short: its head without its body is none
const MAX_POOLS = 4096;
const MAX_CLOCK_DIFFERENCE_MS = 60_000; // a receipt's time is the miner's; sessions allow less, but an answer may be long

type TrustedPool = { readonly trust: TransportTrust; readonly pool: Pool };

/** One undici pool for each origin, renewed when the miner proves itself with another certificate. undici's own time-outs are off: the request's deadline rules. */
export function createDataPlane({ clock, sessions, connections, connectTimeoutMs }: DataPlaneOptions): DataPlane {
  const pools = new Map<string, TrustedPool>();

  const poolOf = (target: MinerTarget, { trust }: ClientSession): Pool => {
    const origin = targetOrigin(target);
    const existing = pools.get(origin);
    if (existing !== undefined) {
      if (existing.trust.ca === trust.ca) return existing.pool;
      pools.delete(origin);
      void existing.pool.close();
    }
    const [oldestOrigin, oldest] = pools.entries().next().value ?? [];
    if (pools.size >= MAX_POOLS && oldestOrigin !== undefined && oldest !== undefined) {
      pools.delete(oldestOrigin);
      void oldest.pool.close();
    }
    const pool = new Pool(origin, {
      connections,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 30_000,
      maxHeaderSize: 16 * 1024,
      connect: { ...trust, timeout: connectTimeoutMs },
    });
    pools.set(origin, { trust, pool });
    return pool;
  };

  const failed = ({ ok: _ok, ...failure }: ClientFailure, startedAtMs: number): MinerReply => ({
    kind: "failed",
    ...failure,
    startedAtMs,
    endedAtMs: clock.monotonicMs(),
  });

  const unsendable = (reason: string): MinerReply =>
    failed(clientFailure({ stage: "request", blame: "validator", reason }), clock.monotonicMs());

  const dispatch = (target: MinerTarget, { session, proof, body, path, isStream, isReceiptWanted, deadline }: Attempt) =>
    poolOf(target, session).request({
      path,
      method: "POST",
      headers: {
        ...proof,
        "content-type": "application/json",
        accept: isStream ? "text/event-stream" : "application/json",
        ...(isReceiptWanted ? { [RECEIPT_HEADER]: RECEIPT_WANTED } : {}),
      },
      body,
      signal: deadline.signal,
    });

  const readRefusal = async (body: Readable) => {
    const cancelTimer = clock.setTimer(MAX_ERROR_MS, () => body.destroy());
    try {
      return await readBounded(body, MAX_ERROR_BYTES);
    } finally {
      cancelTimer();
    }
  };

  /** How the receipt of a reply is read, where one was asked for. */
  const receiptReader = (attempt: Attempt, get: () => string | null): { readonly readReceipt?: ReadReplyReceipt } => {
    if (!attempt.isReceiptWanted) return {};
    return {
      readReceipt() {
        const text = get();
        if (text === null) return { kind: "missing" };
        const receipt = parseReceipt(text);
        // By elapsed time: who sets the clock while an answer is under way must not make its receipt one of another time.
        const receivedAtMs = attempt.sentAtMs + clock.monotonicMs() - attempt.startedAtMs;
        const isInTime =
          receipt !== null &&
          receipt.atMs >= attempt.sentAtMs - MAX_CLOCK_DIFFERENCE_MS &&
          receipt.atMs <= receivedAtMs + MAX_CLOCK_DIFFERENCE_MS;
        return isInTime ? { kind: "claimed", claim: { ...receipt, requestSha256Hex: sha256Hex(attempt.body) } } : { kind: "wrong" };
      },
    };
  };

  const readReply = async (response: Dispatcher.ResponseData, attempt: Attempt): Promise<MinerReply> => {
    const { deadline, startedAtMs, isStream, limits, measureReading } = attempt;
    const contentType = String(response.headers["content-type"] ?? "");
    const fail = (failure: ClientFailure) => failed(failure, startedAtMs);
    if (response.statusCode === 429) {
      const body = await readRefusal(response.body);
      if (body.kind === "broken") return fail(deadline.getFailure() ?? stalledRefusal(429));
      const retryAfterMs = parseRetryAfterMs(response.headers["retry-after"]);
      return { kind: "rateLimited", retryAfterMs, startedAtMs, endedAtMs: clock.monotonicMs() };
    }
    if (response.statusCode !== 200) {
      const error = await readRefusal(response.body);
      const json = error.kind === "bytes" ? parseJsonBytes(error.bytes) : null;
      return fail(deadline.getFailure() ?? statusFailure(response.statusCode, json?.ok === true ? json.value : null));
    }
    if (isStream) {
      if (!contentType.startsWith("text/event-stream")) {
        response.body.destroy();
        return fail(contentFailure(`a stream was asked for, the content type is ${JSON.stringify(contentType.slice(0, 100))}`));
      }
      const stream = readEventStream({ body: response.body, clock, deadline, limits, startedAtMs, measureReading });
      const { getReceipt, ...read } = stream;
      return { kind: "stream", status: 200, startedAtMs, ...read, ...receiptReader(attempt, getReceipt) };
    }
    const read = await readBounded(response.body, limits.bodyBytes);
    const receivedAtMs = clock.monotonicMs();
    if (read.kind === "tooLarge") return fail(contentFailure(`the body is larger than ${limits.bodyBytes} bytes`));
    if (read.kind === "broken") return fail(deadline.getFailure() ?? networkFailure(read.error));
    if (!contentType.startsWith("application/json")) return fail(contentFailure("the content type is not application/json"));
    const json = measureReading(() => parseJsonBytes(read.bytes, { values: limits.values }));
    if (!json.ok) return fail(contentFailure(json.reason));
    if (isErrorBody(json.value)) return fail(statusFailure(200, json.value));
    const header = response.headers[RECEIPT_HEADER];
    const readReceipt = receiptReader(attempt, () => (typeof header === "string" ? header : null));
    return { kind: "body", body: json.value, startedAtMs, receivedAtMs, ...readReceipt };
  };

  /** `null` when the miner no longer knows the session. */
  const attempt = async (target: MinerTarget, options: SendOptions, sent: Sent): Promise<MinerReply | null> => {
    const { task, isStream, isReceiptWanted = false, signal } = options;
    const opened = await sessions.get(target, signal);
    if (!opened.ok) return failed(opened, clock.monotonicMs());
    const deadline = createDeadline(clock, sent.times, signal);
    const startedAtMs = clock.monotonicMs();
    const { path } = getFamily(task.family);
    const proof = opened.session.authenticate("POST", path, sent.body);
    const requestName = nameRequest(proof);
    const named = requestName === null ? {} : { requestName };
    const current = {
      ...sent,
      session: opened.session,
      proof,
      path,
      isStream,
      isReceiptWanted,
      deadline,
      startedAtMs,
      sentAtMs: clock.nowMs(),
    };
    let reply: MinerReply | null = null;
    try {
      const response = await dispatch(target, current);
      // Ending a body early makes it emit an error; without a listener that would end the process.
      response.body.on("error", () => undefined);
      if (response.statusCode === 401) {
        sessions.drop(target, opened.session);
        await readRefusal(response.body);
        return null;
      }
      reply = { ...(await readReply(response, current)), ...named };
      return reply;
    } catch (error) {
      const failure = deadline.getFailure() ?? networkFailure(error);
      if (!isSessionLost(failure)) return { ...failed(failure, startedAtMs), ...named };
      sessions.drop(target, opened.session);
      return null;
    } finally {
      // A stream goes on after this function has returned; it clears the deadline itself.
      if (reply?.kind !== "stream") deadline.clear();
    }
  };

  return {
    async send(target, options) {
      let sent: Sent;
      try {
        const { stream: _stream, ...request } = options.request;
        const family = getFamily(options.task.family);
        const stream = family.isStreamable ? { stream: options.isStream } : {};
        // What another miner answered, and a conversation goes on after, may hold halves too.
        const text = replaceHalfCharacters(JSON.stringify({ ...request, model: options.task.id, ...stream }));
        if (isJsonTooDeep(text)) return unsendable("the request is nested too deep");
        const { totalMs, ...content } = answerTimeLimits(options.task, family.maxWorkUnits(options.request));
        const times = { totalMs: options.timeoutMs ?? totalMs, ...(options.isStream ? { content } : {}) };
        const { measureReading = (read) => read() } = options;
        sent = { body: Buffer.from(text), limits: family.replyLimits(options.request), times, measureReading };
      } catch (error) {
        return unsendable(`the request cannot be sent: ${String(error)}`);
      }
      const first = await attempt(target, options, sent);
      if (first !== null) return first;
      const second = await attempt(target, options, sent);
      const lost = { stage: "status", blame: "miner", reason: "the session was lost again in a new one", status: 401 } as const;
      return second ?? failed(clientFailure(lost), clock.monotonicMs());
    },
    async close() {
      const open = [...pools.values()];
      pools.clear();
      await Promise.all(open.map(({ pool }) => pool.destroy()));
    },
  };
}

/** A refusal of which only the head came. */
function stalledRefusal(status: number): ClientFailure {
  return clientFailure({ stage: "status", blame: "miner", reason: `status ${status} without its body`, status });
}

/** True for an answer whose only news is an error. */
function isErrorBody(value: unknown): boolean {
  return typeof value === "object" && value !== null && typeof (value as { readonly error?: unknown }).error === "object";
}
