import { getEventListeners, once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import { sendOrganicRound } from "./organic.js";
import { draftChats } from "./subnet.js";

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A gateway that refuses with `status`, or leaves whoever asks without an answer. */
async function startGateway(status: number | null): Promise<{ readonly baseUrl: string; readonly apiKey: string }> {
  server = createServer((request, response) => {
    request.resume();
    if (status !== null) response.writeHead(status, { "retry-after": "0" }).end("{}");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, apiKey: "key" };
}

describe("a round of users' requests", () => {
  it("leaves nothing behind at the signal of who asks, which lives as long as the subnet", async () => {
    const { signal } = new AbortController();
    const results = await sendOrganicRound(await startGateway(503), draftChats("chat-tiny", 0), 1, signal);
    expect(results.map(({ status, isOk }) => ({ status, isOk }))).toEqual([
      { status: 503, isOk: false },
      { status: 503, isOk: false },
    ]);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  it("is given up where the subnet stops", async () => {
    const stop = new AbortController();
    const target = await startGateway(null);
    server?.once("request", () => stop.abort());
    expect(await sendOrganicRound(target, draftChats("chat-tiny", 0), 1, stop.signal)).toEqual([]);
  });
});
