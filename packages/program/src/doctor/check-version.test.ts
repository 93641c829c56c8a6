import { createServer, type RequestListener, type Server } from "node:http";
import { afterEach, describe, expect, it } from "@jest/globals";
import { checkVersion, isNewer } from "./check-version.js";

const program = { name: "@vision/miner-app", version: "1.2.3" };
const { signal } = new AbortController();

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function look(listener: RequestListener, limitMs?: number) {
  const opened = createServer(listener);
  server = opened;
  await new Promise<void>((resolve) => opened.listen(0, "127.0.0.1", resolve));
  const address = opened.address();
  const registry = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`;
  return checkVersion(program, { isLookedFor: true, registry }, limitMs).run(signal);
}
const tags =
  (latest: unknown): RequestListener =>
  (_request, response) =>
    response.end(JSON.stringify({ latest, next: "9.9.9" }));

describe("checkVersion", () => {
  it("tells a newer version and what to do, from where the registry has a package's tags", async () => {
    let asked = "";
    const found = await look((request, response) => {
      asked = request.url ?? "";
      tags("1.3.0")(request, response);
    });
    expect(asked).toBe("/-/package/@vision%2fminer-app/dist-tags");
    expect(found).toEqual({
      status: "warn",
      detail: "1.2.3; 1.3.0 is out",
      advice: expect.stringContaining("update @vision/miner-app yourself"),
    });
  });

  it.each(["1.2.3", "1.2.2", "1.2.3-beta.1"])("has nothing to say of %s", async (latest) => {
    expect(await look(tags(latest))).toMatchObject({ status: "ok", detail: expect.stringContaining("has none that is newer") });
  });

  it("knows nothing of a package that is not there", async () => {
    const found = await look((_request, response) => response.writeHead(404).end());
    expect(found).toMatchObject({ status: "ok", detail: expect.stringContaining("has no package @vision/miner-app") });
  });

  it.each<readonly [string, RequestListener]>([
    ["breaks", (_request, response) => response.writeHead(500).end("no")],
    ["says what is no JSON", (_request, response) => response.end("<html>")],
    ["says no version", tags(7)],
    ["says too much", (_request, response) => response.end(`{"latest":"9.0.0","x":"${"y".repeat(100_000)}"}`)],
    ["hangs up", (request) => request.socket.destroy()],
  ])("is no failure where the registry %s", async (_what, listener) => {
    expect(await look(listener)).toMatchObject({ status: "ok", detail: expect.stringContaining("cannot be told"), advice: null });
  });

  it("does not wait for a registry that is silent", async () => {
    expect(await look(() => undefined, 50)).toMatchObject({ status: "ok", detail: expect.stringContaining("within 0.05 s") });
  });

  it("is no failure where there is no way to the registry", async () => {
    const found = await checkVersion(program, { isLookedFor: true, registry: "http://127.0.0.1:1" }).run(signal);
    expect(found).toMatchObject({ status: "ok", detail: expect.stringContaining("cannot be told") });
  });
});

describe("isNewer", () => {
  it.each([
    ["1.10.0", "1.9.9", true],
    ["2.0.0", "1.9.9", true],
    ["1.9.9", "2.0.0", false],
    ["1.0.0", "1.0.0-beta.2", true],
    ["1.0.0-beta.2", "1.0.0", false],
    ["1.0.0+build", "1.0.0", false],
    ["latest", "1.0.0", false],
    ["1.0.0", "unknown", false],
  ])("of %s and %s: %s", (version, than, expected) => {
    expect(isNewer(version, than)).toBe(expected);
  });
});
