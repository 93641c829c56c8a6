import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import { probeEndpoint, statusUrl } from "./probe-endpoint.js";

const open: { close(): void; closeAllConnections(): void }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serveWith(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(server);
  return { host: "127.0.0.2", port: (server.address() as AddressInfo).port };
}

describe("probeEndpoint", () => {
  it("says who answers", async () => {
    const endpoint = await serveWith((request, response) => {
      response.end(request.url === "/v1/status" ? JSON.stringify({ protocolVersion: "3.0", hotkey: "5A", tasks: ["chat-tiny"] }) : "");
    });
    expect(await probeEndpoint(endpoint)).toEqual({ kind: "answers", hotkey: "5A", tasks: ["chat-tiny"] });
  });

  it("says what is wrong with what answers", async () => {
    const notFound = await serveWith((_request, response) => response.writeHead(404).end());
    expect(await probeEndpoint(notFound)).toEqual({ kind: "fails", reason: "it answered with status 404" });
    for (const body of ["<html>", "null", '{"hotkey":7}']) {
      const other = await serveWith((_request, response) => response.end(body));
      expect([body, await probeEndpoint(other)]).toEqual([body, { kind: "fails", reason: "what answered is no Vision miner" }]);
    }
    const endless = await serveWith((_request, response) => {
      const more = () => {
        while (response.write("x".repeat(65_536)));
      };
      response.on("drain", more);
      more();
    });
    expect(await probeEndpoint(endless)).toEqual({ kind: "fails", reason: "the answer is too large" });
  });

  it("says when nothing listens", async () => {
    const endpoint = await serveWith(() => undefined);
    open.splice(0)[0]?.close();
    expect(await probeEndpoint(endpoint)).toMatchObject({ kind: "fails", reason: expect.stringContaining("ECONNREFUSED") });
  });
});

describe("probeEndpoint of a silent peer", () => {
  it("gives up", async () => {
    const endpoint = await serveWith(() => undefined);
    expect(await probeEndpoint(endpoint, { timeoutMs: 30 })).toEqual({ kind: "fails", reason: "nothing answered in time" });
  });
});

describe("statusUrl", () => {
  it("writes IPv6 in brackets and takes a development chain's stand-ins for this machine", () => {
    expect(statusUrl({ host: "203.0.113.7", port: 8091 })).toBe("http://203.0.113.7:8091/v1/status");
    expect(statusUrl({ host: "2001:db8::7", port: 8091 })).toBe("http://[2001:db8::7]:8091/v1/status");
    expect(statusUrl({ host: "0.0.0.1", port: 1 })).toBe("http://127.0.0.1:1/v1/status");
  });
});
