import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { acceptHello, createReplayWindow, type Hotkey } from "@vision/signing";
import type { MinerTarget } from "../../src/client/index.js";
import type { Clock } from "../../src/index.js";
import { createTransportCertificate } from "../../src/node/transport-certificate.js";

/** A server that opens sessions as a good miner does, and then answers as the test says. */
export type HostileServer = {
  readonly target: MinerTarget;
  /** Requests after hello. */
  readonly requestCount: number;
  readonly helloCount: number;
  close(): Promise<void>;
};

export type Answer = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;

export type HostileOptions = {
  readonly hotkey: Hotkey;
  readonly clock: Clock;
  readonly answer: Answer;
  /** In place of a good hello. */
  readonly answerHello?: Answer;
  readonly ttlMs?: number;
};

export async function startHostileServer(options: HostileOptions): Promise<HostileServer> {
  const { hotkey, clock, answer, answerHello, ttlMs = 3_600_000 } = options;
  const replayWindow = createReplayWindow({ windowMs: 20_000, maxEntries: 1000 });
  let requestCount = 0;
  let helloCount = 0;
  const { keyPem, certificatePem, certificateDer } = createTransportCertificate();
  const server = createServer({ key: keyPem, cert: certificatePem }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (request.url !== "/v1/hello") {
        requestCount += 1;
        answer(request, response, Buffer.concat(chunks));
        return;
      }
      helloCount += 1;
      if (answerHello !== undefined) {
        answerHello(request, response, Buffer.concat(chunks));
        return;
      }
      const accepted = acceptHello({
        hotkey,
        headers: request.headers,
        body: Buffer.concat(chunks),
        nowMs: clock.nowMs(),
        replayWindow,
        certificate: certificateDer,
        ephemeralSeed: new Uint8Array(32).fill(helloCount),
        sessionIdBytes: new Uint8Array(16).fill(helloCount),
        ttlMs,
      });
      response.writeHead(accepted.ok ? 200 : 401, { "content-type": "application/json" });
      response.end(JSON.stringify(accepted.ok ? accepted.response : {}));
    });
  });
  await listen(server);
  const { port } = server.address() as AddressInfo;
  return {
    target: { hotkey: hotkey.address, host: "127.0.0.1", port },
    get requestCount() {
      return requestCount;
    },
    get helloCount() {
      return helloCount;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
}
