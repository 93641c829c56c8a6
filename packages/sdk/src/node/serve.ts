import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { TLSSocket } from "node:tls";
import { VisionError } from "@vision/protocol";
import type { Miner } from "../miner/miner.js";
import { acceptTls } from "./accept-tls.js";
import { readBody } from "./read-body.js";
import { createTransportCertificate } from "./transport-certificate.js";
import { writeResponse } from "./write-response.js";

/** Where and how a miner is served over HTTP. */
export type ServeOptions = {
  /** 0 for any free port. */
  readonly port: number;
  /** Address to listen on. Default: all. */
  readonly host?: string;
  /** A client that takes longer to send its headers is cut off, milliseconds. Default 10 s. */
  readonly headersTimeoutMs?: number;
  /** A client that takes longer to send a whole request is cut off, milliseconds. Default 30 s. */
  readonly requestTimeoutMs?: number;
  /** An idle connection is kept this long, milliseconds. Default 65 s: longer than a validator's own, so that it closes first. */
  readonly keepAliveTimeoutMs?: number;
  /** Connections at the same time; more are dropped. Default 4096. */
  readonly maxConnections?: number;
  /** How long `close` waits for answers under way, milliseconds. Default 5 s. */
  readonly drainMs?: number;
};

/** A miner on a port. */
export type MinerServer = {
  readonly port: number;
  /** Base URL without a trailing slash. */
  readonly url: string;
  /** Takes no new connections, waits for those under way within `drainMs`, then cuts them off. Also closes the miner. */
  close(): Promise<void>;
};

/**
 * Puts a miner on a port with Node.js's own HTTP server, over TLS with a key of this server's own. Validators learn the certificate from the
 * signed answer to their hello; plain HTTP is taken too, for what needs no session.
 *
 * @throws {@link VisionError} `SDK_PORT_IN_USE` when another program has the port; other errors of listening as Node.js gives them.
 */
export async function serve(miner: Miner, options: ServeOptions): Promise<MinerServer> {
  const certificate = createTransportCertificate();
  let closing: Promise<void> | null = null;
  const server = createServer({ maxHeaderSize: 16 * 1024, noDelay: true, connectionsCheckingInterval: 5_000 }, (request, response) => {
    if (closing !== null) response.setHeader("connection", "close");
    // Node.js keeps a connection that falls idle while the server closes until its keep-alive time is over.
    response.once("close", () => {
      if (closing !== null) setImmediate(() => server.closeIdleConnections());
    });
    handle(miner, { request, response, certificate: certificate.certificateDer }).catch(() => response.destroy());
  });
  server.headersTimeout = options.headersTimeoutMs ?? 10_000;
  server.requestTimeout = options.requestTimeoutMs ?? 30_000;
  server.keepAliveTimeout = options.keepAliveTimeoutMs ?? 65_000;
  server.maxConnections = options.maxConnections ?? 4096;
  acceptTls(server, certificate, server.headersTimeout);
  server.on("clientError", (_error, socket) => socket.destroy());
  await listen(server, options.port, options.host);
  const address = server.address() as AddressInfo;
  const host = address.address === "::" || address.address === "0.0.0.0" ? "127.0.0.1" : address.address;

  const close = async () => {
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    server.closeIdleConnections();
    const timer = setTimeout(() => server.closeAllConnections(), options.drainMs ?? 5_000);
    await closed;
    clearTimeout(timer);
    await miner.close();
  };
  return {
    port: address.port,
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** DER. */
  readonly certificate: Uint8Array;
};

async function handle(miner: Miner, { request, response, certificate }: Exchange): Promise<void> {
  const controller = new AbortController();
  response.once("close", () => controller.abort());
  const head = { method: request.method ?? "GET", path: request.url ?? "/", headers: request.headers };
  const decision = miner.checkHead(head);
  if (decision.kind === "refuse") {
    await refuseUnread(request, response, () => writeResponse(response, decision.response));
    return;
  }
  const body = await readBody(request, decision.maxBodyBytes);
  if (body.kind === "aborted") return;
  if (body.kind === "tooLarge") {
    const tooLarge = { status: 413, headers: { "content-type": "application/json" }, body: body.errorBody };
    await refuseUnread(request, response, () => writeResponse(response, tooLarge));
    return;
  }
  const { remoteAddress } = request.socket;
  const answer = await miner.handle({
    ...head,
    body: body.bytes,
    signal: controller.signal,
    ...(remoteAddress === undefined ? {} : { remoteAddress }),
    ...(request.socket instanceof TLSSocket ? { certificate } : {}),
  });
  await writeResponse(response, answer);
}

/** Answers without having read the body. Its rest is not worth reading, so the connection ends with the answer. */
async function refuseUnread(request: IncomingMessage, response: ServerResponse, write: () => Promise<void>): Promise<void> {
  const { "content-length": contentLength = "0", "transfer-encoding": transferEncoding } = request.headers;
  const hasBody = transferEncoding !== undefined || contentLength !== "0";
  if (hasBody) response.setHeader("connection", "close");
  await write();
  if (hasBody) request.resume();
}

function listen(server: Server, port: number, host: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE") return reject(error);
      return reject(
        new VisionError({
          code: "SDK_PORT_IN_USE",
          message: `Port ${port} is in use by another program.`,
          hint: "Stop that program or choose another port.",
          facts: { port, host },
          cause: error,
        }),
      );
    });
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => resolve());
  });
}
