import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { anySignal, REACH_PATH, type ReachReport, type ReachRequest, reachReportSchema } from "@vision/protocol";

/** How a peer answered, or why it did not. */
export type ReachAnswer = { readonly kind: "seen"; readonly report: ReachReport } | { readonly kind: "unknown"; readonly reason: string };

/** Whom to ask to connect back. */
export type ReachQuestion = {
  /** URL of the API of a validator. */
  readonly peer: string;
  readonly port: number;
  /** Over which the peer is to be reached, so that it sees the address that is meant; null for either. */
  readonly family: 4 | 6 | null;
};

/** The peer gives itself five seconds. */
const LIMIT_MS = 10_000;
const MOST_BYTES = 16_384;

/** Asks a validator to connect back to this machine. Never rejects: whatever the peer does, the answer is a value. */
export async function askReach(
  { peer, port, family }: ReachQuestion,
  { signal, limitMs = LIMIT_MS }: { readonly signal: AbortSignal; readonly limitMs?: number },
): Promise<ReachAnswer> {
  const limit = AbortSignal.timeout(limitMs);
  try {
    const url = new URL(`${peer.replace(/\/+$/, "")}${REACH_PATH}`);
    const { status, text } = await post(url, { port }, { family, signal: anySignal([signal, limit]) });
    if (status === 404) return unknown("it knows no such address: its version is older, or it is no validator");
    if (status === 429) return unknown("too many ask it at the moment");
    if (status !== 200) return unknown(`it answered with status ${status}`);
    const parsed = reachReportSchema.safeParse(parseJson(text));
    if (!parsed.success || parsed.data.port !== port) return unknown("what it answered is no report");
    return { kind: "seen", report: parsed.data };
  } catch (error) {
    if (limit.aborted) return unknown(`it did not answer within ${limitMs / 1_000} s`);
    return unknown((error instanceof Error ? error.message : String(error)).slice(0, 200));
  }
}

function unknown(reason: string): ReachAnswer {
  return { kind: "unknown", reason };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

type PostOptions = { readonly family: 4 | 6 | null; readonly signal: AbortSignal };

// Not by fetch, which cannot be told over which family of addresses to go. Redirects are never followed here.
function post(url: URL, body: ReachRequest, { family, signal }: PostOptions): Promise<{ readonly status: number; readonly text: string }> {
  const request = url.protocol === "https:" ? requestHttps : requestHttp;
  const headers = { "content-type": "application/json", accept: "application/json" };
  const options = { method: "POST", headers, signal, agent: false, ...(family === null ? {} : { family }) };
  return new Promise((resolve, reject) => {
    const sent = request(url, options, async (response) => {
      const pieces: Buffer[] = [];
      let bytes = 0;
      try {
        for await (const piece of response as AsyncIterable<Buffer>) {
          bytes += piece.byteLength;
          if (bytes > MOST_BYTES) throw new Error(`its answer is longer than ${MOST_BYTES} bytes`);
          pieces.push(piece);
        }
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString("utf8") });
      } catch (error) {
        reject(error);
      } finally {
        sent.destroy();
      }
    });
    sent.on("error", reject);
    sent.end(JSON.stringify(body));
  });
}
