import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import type { Miner } from "../miner/miner.js";
import { type Clock, systemClock } from "../runtime/clock.js";
import { withFunctions } from "../runtime/option-parts.js";
import { parseOptions } from "../runtime/parse-options.js";
import { acceptTls } from "./accept-tls.js";
import { createBodyBudget } from "./body-budget.js";
import { clientAddress } from "./client-address.js";
import { createConnectionGate } from "./connection-gate.js";
import { handleRequest, type RequestHandling } from "./handle-request.js";
import { createKnownAddresses } from "./known-addresses.js";
import { listenError } from "./listen-error.js";
import { createTransportCertificate } from "./transport-certificate.js";

/** Where and how a miner is served over HTTP. */
export type ServeOptions = {
  /** 0 for any free port. */
  readonly port: number;
  /** Address to listen on. Default: all. */
  readonly host?: string;
  /** A client that takes longer to send its headers is cut off, milliseconds. Default 10 s. */
  readonly headersTimeoutMs?: number;
  /** A client that takes longer to send a whole request is cut off, milliseconds; a stranger has a third of it. Default 30 s. */
  readonly requestTimeoutMs?: number;
  /** A client that takes nothing of what was written for this long is cut off, milliseconds. Default 30 s. */
  readonly writeTimeoutMs?: number;
  /** An idle connection is kept this long, milliseconds. Default 65 s: longer than a validator's own, so that it closes first. */
  readonly keepAliveTimeoutMs?: number;
  /** Connections at the same time. When all are taken, strangers' are cut for whoever comes. Default 4096. */
  readonly maxConnections?: number;
  /**
   * Connections from one address (IPv4, or IPv6 network) that no validator has proven itself from. Default 64. Raise it when a proxy in
   * front of the miner makes all connections.
   */
  readonly maxConnectionsPerStranger?: number;
  /** Memory for bodies of senders that have no session yet, bytes; one address may take a quarter. Small bodies are not counted. Default 32 MiB. */
  readonly maxStrangerBodyBytes?: number;
  /** Memory for bodies of validators, bytes; one address may take half. Small bodies are not counted. Default 256 MiB. */
  readonly maxBodyBytes?: number;
  /** The longest that `close` waits for answers under way, milliseconds. Default: as long as each of them may take. */
  readonly drainMs?: number;
  readonly clock?: Clock;
};

/** A miner on a port. */
export type MinerServer = {
  readonly port: number;
  /** Base URL without a trailing slash. */
  readonly url: string;
  /**
   * Refuses new work with 429 and waits for answers under way, at most `drainMs`; then takes no more connections and cuts off those that
   * are left. Also closes the miner.
   */
  close(): Promise<void>;
};

const FREE_BODY_BYTES = 16 * 1024; // a hello, a survey and most prompts: read however full the memory for bodies is
const CLOSE_MS = 5_000; // a backend that cannot be closed must not keep the program alive
const FLUSH_MS = 2_000; // for the last bytes of answers that are finished

const positiveInt = z.int().positive();
const optionsSchema = z.strictObject({
  port: z.int().min(0).max(65_535),
  host: z.string().min(1).optional(),
  headersTimeoutMs: positiveInt.default(10_000),
  requestTimeoutMs: positiveInt.default(30_000),
  writeTimeoutMs: positiveInt.default(30_000),
  keepAliveTimeoutMs: positiveInt.default(65_000),
  maxConnections: positiveInt.default(4096),
  maxConnectionsPerStranger: positiveInt.default(64),
  maxStrangerBodyBytes: positiveInt.default(32 * 1024 * 1024),
  maxBodyBytes: positiveInt.default(256 * 1024 * 1024),
  drainMs: z.number().min(0).optional(),
  clock: z.custom<Clock>((value) => typeof value === "object" && value !== null).default(systemClock),
});

const servedSchema = z.object({
  miner: withFunctions<Miner>(["checkHead", "handle", "watchBackends", "drain", "close"], "a miner of createMiner"),
});

/**
 * Puts a miner on a port with Node.js's own HTTP server, over TLS with a key of this server's own. Validators learn the certificate from the
 * signed answer to their hello; plain HTTP is taken too, for what needs no session.
 *
 * @throws {@link VisionError} `SDK_INVALID_OPTIONS` naming every mistake in the options at once, `SDK_PORT_IN_USE` when another program has
 * the port, `SDK_CANNOT_LISTEN` when it cannot be listened on for another reason, which the message tells.
 */
export async function serve(miner: Miner, options: ServeOptions): Promise<MinerServer> {
  parseOptions("serve", servedSchema, { miner });
  const settings = parseOptions("serve", optionsSchema, options);
  const { clock, requestTimeoutMs, maxStrangerBodyBytes, maxBodyBytes } = settings;
  const certificate = createTransportCertificate();
  const known = createKnownAddresses();
  const handling: RequestHandling = {
    miner,
    certificateDer: certificate.certificateDer,
    known,
    bodies: {
      validators: createBodyBudget({ maxBytes: maxBodyBytes, maxBytesPerAddress: maxBodyBytes / 2, freeBytes: FREE_BODY_BYTES }),
      strangers: createBodyBudget({
        maxBytes: maxStrangerBodyBytes,
        maxBytesPerAddress: maxStrangerBodyBytes / 4,
        freeBytes: FREE_BODY_BYTES,
      }),
    },
    bodyTimeoutMs: { validators: requestTimeoutMs, strangers: requestTimeoutMs / 3 },
    writing: { timeoutMs: settings.writeTimeoutMs, clock },
    clock,
  };
  let closing: Promise<void> | null = null;
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    if (closing !== null) response.setHeader("connection", "close");
    // Node.js keeps a connection that falls idle while the server closes until its keep-alive time is over.
    response.once("close", () => {
      if (closing !== null) setImmediate(() => server.closeIdleConnections());
    });
    handleRequest(request, response, handling).catch(() => response.destroy());
  };
  const server = createServer({ maxHeaderSize: 16 * 1024, noDelay: true, connectionsCheckingInterval: 5_000 }, onRequest);
  // A client that asks before it sends its body is told to go on once its head has been looked at.
  server.on("checkContinue", onRequest);
  server.headersTimeout = settings.headersTimeoutMs;
  server.requestTimeout = requestTimeoutMs;
  server.keepAliveTimeout = settings.keepAliveTimeoutMs;
  const { maxConnections, maxConnectionsPerStranger } = settings;
  const gate = createConnectionGate({ maxConnections, maxConnectionsPerStranger, known });
  const topOf = acceptTls(server, certificate, settings.headersTimeoutMs);
  server.on("connection", (socket) => {
    const cut = { destroy: () => topOf(socket).destroy(), once: (event: "close", listener: () => void) => socket.once(event, listener) };
    gate.admit(cut, clientAddress(socket.remoteAddress));
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  await listen(server, settings.port, settings.host);
  miner.watchBackends();
  const address = server.address() as AddressInfo;
  const host = address.address === "::" || address.address === "0.0.0.0" ? "127.0.0.1" : address.address;

  const close = async () => {
    // Still listening: whoever comes is told to come later, which costs neither side anything.
    await within(clock, settings.drainMs ?? null, miner.drain());
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    server.closeIdleConnections();
    await within(clock, CLOSE_MS, miner.close());
    await within(clock, settings.drainMs === undefined ? settings.writeTimeoutMs : Math.min(FLUSH_MS, settings.drainMs), closed);
    server.closeAllConnections();
    await closed;
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

/** Waits for the promise, but no longer than so many milliseconds; `null` for no end. */
async function within(clock: Clock, limitMs: number | null, promise: Promise<void>): Promise<void> {
  if (limitMs === null) return promise;
  let cancelTimer = () => {};
  const late = new Promise<void>((resolve) => {
    cancelTimer = clock.setTimer(limitMs, resolve);
  });
  await Promise.race([promise, late]);
  cancelTimer();
}

function listen(server: Server, port: number, host: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(listenError({ host, port }, error)));
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => resolve());
  });
}
