import type { IncomingMessage, ServerResponse } from "node:http";
import { TLSSocket } from "node:tls";
import { createWireError, type WireErrorCode, wireErrorStatus } from "@vision/protocol";
import type { Miner, MinerRequestHead, MinerResponse } from "../miner/miner.js";
import type { Clock } from "../runtime/clock.js";
import type { BodyBudget } from "./body-budget.js";
import { clientAddress } from "./client-address.js";
import type { KnownAddresses } from "./known-addresses.js";
import { type ReadBody, readBody } from "./read-body.js";
import { type WriteResponseOptions, writeResponse } from "./write-response.js";

/** What every request of a server is handled with. */
export type RequestHandling = {
  readonly miner: Miner;
  /** What the server's TLS connections are encrypted with. */
  readonly certificateDer: Uint8Array;
  readonly known: KnownAddresses;
  /** Memory for bodies of senders whose head names a session that is open, and of all others. */
  readonly bodies: { readonly validators: BodyBudget; readonly strangers: BodyBudget };
  readonly bodyTimeoutMs: { readonly validators: number; readonly strangers: number };
  readonly writing: WriteResponseOptions;
  readonly clock: Clock;
};

/** Answers one request of Node.js's HTTP server. Of a body nothing is read before the miner has looked at the head. */
export async function handleRequest(request: IncomingMessage, response: ServerResponse, handling: RequestHandling): Promise<void> {
  const { miner, known, bodies, bodyTimeoutMs, writing, clock } = handling;
  const receivedAtMs = clock.nowMs();
  const controller = new AbortController();
  response.once("close", () => controller.abort());
  const { remoteAddress } = request.socket;
  const address = clientAddress(remoteAddress);
  const head: MinerRequestHead = { method: request.method ?? "GET", path: request.url ?? "/", headers: request.headers };
  const decision = miner.checkHead(head);
  if (decision.kind === "refuse") return refuseUnread(request, response, { answer: decision.response, writing });

  const side = decision.isInSession ? "validators" : "strangers";
  const share = bodies[side].open(address);
  try {
    if (request.headers.expect !== undefined) response.writeContinue();
    const { maxBodyBytes: maxBytes } = decision;
    const body = await readBody(request, { maxBytes, share, timeoutMs: bodyTimeoutMs[side], clock });
    if (body.kind === "aborted") return;
    if (body.kind !== "body") return await refuseUnread(request, response, { answer: unreadAnswer(body.kind, maxBytes), writing });
    const answer = await miner.handle({
      ...head,
      body: body.bytes,
      signal: controller.signal,
      receivedAtMs,
      onAuthenticated: () => known.add(address),
      ...(remoteAddress === undefined ? {} : { remoteAddress }),
      ...(request.socket instanceof TLSSocket ? { certificate: handling.certificateDer } : {}),
    });
    share.release();
    await writeResponse(response, answer, writing);
  } finally {
    share.release();
  }
}

function unreadAnswer(kind: Exclude<ReadBody["kind"], "body" | "aborted">, maxBytes: number): MinerResponse {
  switch (kind) {
    case "tooLarge":
      return errorAnswer("payload_too_large", `The body is larger than ${maxBytes} bytes.`);
    case "noRoom":
      return errorAnswer("rate_limited", "Too many large bodies are being read at the moment.");
    case "tooSlow":
      return errorAnswer("invalid_request", "The body did not arrive in time.");
  }
}

function errorAnswer(code: WireErrorCode, message: string): MinerResponse {
  const headers = { "content-type": "application/json", ...(code === "rate_limited" ? { "retry-after": "1" } : {}) };
  return { status: wireErrorStatus(code), headers, body: JSON.stringify(createWireError(code, message)) };
}

/** Answers without having read the body. Its rest is not worth reading, so the connection ends with the answer, whatever else is sent. */
async function refuseUnread(request: IncomingMessage, response: ServerResponse, refusal: Refusal): Promise<void> {
  const { "content-length": contentLength = "0", "transfer-encoding": transferEncoding } = request.headers;
  if (transferEncoding !== undefined || contentLength !== "0") {
    response.setHeader("connection", "close");
    // What has come is thrown away: a connection that ends with bytes unread is reset, and the client may never see the answer.
    request.resume();
  }
  await writeResponse(response, refusal.answer, refusal.writing);
}

type Refusal = { readonly answer: MinerResponse; readonly writing: WriteResponseOptions };
