import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createTransportCertificate } from "@vision/sdk/node";
import { createFetchFile } from "./fetch-file.js";

const certificate = createTransportCertificate();
const tls = { ca: certificate.certificatePem, checkServerIdentity: () => undefined };
const here = (address: string) => ["127.0.0.1", "::1"].includes(address);
const MOST_BYTES = 1_000;

const answers: Readonly<Record<string, (response: ServerResponse) => void>> = {
  "/file": (response) => response.end("bytes"),
  "/moved": (response) => response.writeHead(302, { location: "/file" }).end(),
  "/gone": (response) => response.writeHead(404).end(),
  "/named-large": (response) => response.writeHead(200, { "content-length": String(MOST_BYTES + 1) }).flushHeaders(),
  "/large": (response) => response.write("x".repeat(MOST_BYTES + 1)),
  "/begun": (response) => response.write("x"),
  "/silent": () => undefined,
};

let server: Server;
let port = 0;
const asked: string[] = [];
beforeAll(async () => {
  server = createServer({ key: certificate.keyPem, cert: certificate.certificatePem }, (request, response) => {
    asked.push(request.url ?? "");
    answers[request.url ?? ""]?.(response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const limits = { maxBytes: MOST_BYTES, limitMs: 60_000, signal: new AbortController().signal };
const at = (path: string, host = "localhost", scheme = "https") => new URL(`${scheme}://${host}:${port}${path}`);

describe("createFetchFile", () => {
  it("gets a file", async () => {
    expect(await createFetchFile({ tls, isAllowed: here })(at("/file"), limits)).toEqual({ ok: true, bytes: Buffer.from("bytes") });
  });

  it.each([
    ["/moved", "sends on to another address"],
    ["/gone", "answers 404"],
    ["/named-large", "larger than 1000 bytes"],
    ["/large", "larger than 1000 bytes"],
  ])("says why there is none: %s", async (path, reason) => {
    const fetched = await createFetchFile({ tls, isAllowed: here })(at(path), limits);
    expect(fetched).toEqual({ ok: false, reason: expect.stringContaining(reason) });
  });

  it.each(["/silent", "/begun"])("waits no longer than the limit, and ends with the signal: %s", async (path) => {
    const fetchFile = createFetchFile({ tls, isAllowed: here });
    expect(await fetchFile(at(path), { ...limits, limitMs: 50 })).toEqual({ ok: false, reason: "it did not come within 0.05 s" });
    const stopping = new AbortController();
    const fetching = fetchFile(at(path), { ...limits, signal: stopping.signal });
    stopping.abort();
    expect(await fetching).toMatchObject({ ok: false });
  });

  it("connects to no address but those of the public internet, whatever the name is, and speaks good TLS alone", async () => {
    asked.length = 0;
    for (const host of ["localhost", "127.0.0.1", "[::1]", "169.254.169.254", "10.0.0.1", "[::ffff:127.0.0.1]"]) {
      const fetched = await createFetchFile({ tls })(at("/file", host), limits);
      expect([host, fetched]).toEqual([host, { ok: false, reason: "its host is at no address of the public internet" }]);
    }
    expect(await createFetchFile({ isAllowed: here })(at("/file"), limits)).toEqual({
      ok: false,
      reason: "its host does not answer, or not by good TLS",
    });
    expect(await createFetchFile({ tls, isAllowed: here })(at("/file", "localhost", "http"), limits)).toMatchObject({ ok: false });
    expect(asked).toEqual([]);
  });
});
