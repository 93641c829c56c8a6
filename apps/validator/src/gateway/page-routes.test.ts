import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, it } from "@jest/globals";
import { readPageFiles } from "../adapters/page-files.js";
import { type GatewayFixture, startGateway } from "../testing/gateway-fixture.js";

let fixture: GatewayFixture;
let folder: string | null = null;
afterEach(async () => {
  await fixture.close();
  if (folder !== null) await rm(folder, { recursive: true });
  folder = null;
});

const script = `console.log("${"a page ".repeat(100)}");`;

async function buildPage(): Promise<URL> {
  folder = await mkdtemp(join(tmpdir(), "vision-page-"));
  await mkdir(join(folder, "assets"));
  await writeFile(join(folder, "index.html"), "<!doctype html><title>Vision</title>");
  await writeFile(join(folder, "assets", "index-1a2b.js"), script);
  await writeFile(join(folder, "assets", "notes.txt"), "no part of the page");
  return pathToFileURL(`${folder}/`);
}

describe("GET /", () => {
  it("is the page, which runs no script but its own and is put into no frame", async () => {
    fixture = await startGateway({}, { page: await readPageFiles(await buildPage()) });
    const response = await fetch(fixture.url);
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(await response.text()).toContain("<title>Vision</title>");
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("cache-control")).toBe("no-cache");
    const again = await fetch(fixture.url, { headers: { "if-none-match": response.headers.get("etag") ?? "" } });
    expect(again.status).toBe(304);
  });

  it("has files that are kept for ever and travel zipped; what is no part of the page is not there", async () => {
    fixture = await startGateway({}, { page: await readPageFiles(await buildPage()) });
    const plain = await fetch(`${fixture.url}/assets/index-1a2b.js`, { headers: { "accept-encoding": "identity" } });
    const zipped = await fetch(`${fixture.url}/assets/index-1a2b.js`, { headers: { "accept-encoding": "gzip" } });
    expect([await plain.text(), await zipped.text()]).toEqual([script, script]);
    expect(plain.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(Number(zipped.headers.get("content-length"))).toBeLessThan(script.length / 2);
    expect(zipped.headers.get("content-encoding")).toBe("gzip");
    for (const path of ["/assets/notes.txt", "/assets/../index.html/x", "/assets/%2e%2e/secret"]) {
      expect({ path, status: (await fetch(`${fixture.url}${path}`)).status }).toEqual({ path, status: 404 });
    }
  });

  it("says in plain words where to go when the page was not built", async () => {
    fixture = await startGateway({}, { page: await readPageFiles(pathToFileURL(join(tmpdir(), "no-such-folder/"))) });
    const response = await fetch(fixture.url);
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/plain; charset=utf-8"]);
    expect(await response.text()).toContain("/openapi.json");
  });
});

describe("GET /v1/names", () => {
  it("tells what the operator calls miners", async () => {
    fixture = await startGateway({}, { options: { minerNames: { alice: "Alice's GPUs" } } });
    expect(await (await fetch(`${fixture.url}/v1/names`)).json()).toEqual({ names: { alice: "Alice's GPUs" } });
  });
});
