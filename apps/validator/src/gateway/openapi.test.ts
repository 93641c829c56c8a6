import { afterEach, describe, expect, it } from "@jest/globals";
import { type GatewayFixture, startGateway } from "../testing/gateway-fixture.js";
import { endpoints } from "./endpoints/index.js";

type Document = {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly requestBody?: unknown }>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
};

let fixture: GatewayFixture;
afterEach(() => fixture.close());

describe("GET /openapi.json", () => {
  it("describes every endpoint that runs a model, with the fields that its schema takes, and resolves every reference", async () => {
    fixture = await startGateway({});
    const response = await fetch(`${fixture.url}/openapi.json`);
    const text = await response.text();
    const document = JSON.parse(text) as Document;
    expect(document.openapi).toBe("3.1.0");
    for (const { path } of endpoints)
      expect({ path, post: document.paths[path]?.["post"] }).toMatchObject({ path, post: expect.anything() });
    expect(JSON.stringify(document.paths["/v1/chat/completions"]?.["post"]?.requestBody)).toMatch(/"temperature".*"messages"/);
    const references = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name ?? "");
    expect(references.length).toBeGreaterThan(5);
    for (const name of references) expect({ name, isThere: name in document.components.schemas }).toEqual({ name, isThere: true });
  });

  it("names only paths that are served", async () => {
    fixture = await startGateway({});
    const { paths } = (await (await fetch(`${fixture.url}/openapi.json`)).json()) as Document;
    for (const [path, methods] of Object.entries(paths)) {
      for (const method of Object.keys(methods)) {
        const url = `${fixture.url}${path.replace("{period}", "latest").replace("{model}", "x").replace("{request}", "x").replace("{key}", "x")}`;
        const asked = await fetch(url, { method: method.toUpperCase() });
        const text = path.endsWith("/events") ? "" : await asked.text();
        await asked.body?.cancel().catch(() => undefined);
        expect({ path, isUnknown: text.includes("unknown_url") }).toEqual({ path, isUnknown: false });
      }
    }
  });
});
