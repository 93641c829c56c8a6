import { afterEach, describe, expect, it } from "@jest/globals";
import { newKeySchema, operatorReportSchema } from "@vision/protocol";
import { chatEvents } from "../testing/fake-exchange.js";
import { type GatewayFixture, startGateway } from "../testing/gateway-fixture.js";

const token = "a-token-of-the-operator-1234";
const limits = { requestsPerMinute: 5, tokensPerMinute: null, concurrentRequests: 2 };

let fixture: GatewayFixture;
afterEach(() => fixture.close());

async function start(operatorToken: string | undefined = token) {
  const settingsInForce = JSON.stringify({ gateway: { operatorToken: "(hidden)" } });
  fixture = await startGateway({ alice: () => ({ events: chatEvents(["Hello"]) }) }, { options: { operatorToken, settingsInForce } });
}

function call(path: string, { method = "GET", body, bearer = token }: { method?: string; body?: unknown; bearer?: string } = {}) {
  return fetch(`${fixture.url}/v1/operator${path}`, {
    method,
    headers: { authorization: `Bearer ${bearer}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

const report = async () => operatorReportSchema.parse(await (await call("")).json());
const askWith = async (key: string) => {
  const response = await fetch(`${fixture.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: "chat-tiny", messages: [{ role: "user", content: "hi" }] }),
  });
  await response.text();
  return response.status;
};

describe("the operator's addresses", () => {
  it("make a key that works, show what it used, change its limits and end it; its text is shown once", async () => {
    await start();
    const made = await call("/keys", { method: "POST", body: { name: "customer", ...limits } });
    const { id, key } = newKeySchema.parse(await made.json());
    expect({ status: made.status, caching: made.headers.get("cache-control") }).toEqual({ status: 201, caching: "no-store" });
    expect(await askWith(key)).toBe(200);
    const shown = await report();
    expect(shown.keys).toMatchObject([{ id, name: "customer", ...limits, requests: 1, errors: 0, revokedAtMs: null }]);
    expect(shown.settings).toEqual({ gateway: { operatorToken: "(hidden)" } });
    expect(JSON.stringify(shown)).not.toContain(key);
    expect((await call(`/keys/${id}`, { method: "PATCH", body: { ...limits, requestsPerMinute: 9 } })).status).toBe(204);
    expect((await report()).keys).toMatchObject([{ id, requestsPerMinute: 9 }]);
    expect((await call(`/keys/${id}`, { method: "DELETE" })).status).toBe(204);
    expect((await call(`/keys/${id}`, { method: "DELETE" })).status).toBe(404);
    const { changes } = await report();
    expect(changes.map(({ what, keyId, who, requestsPerMinute }) => ({ what, keyId, who, requestsPerMinute }))).toEqual([
      { what: "revoked", keyId: id, who: "operator's token, from 127.0.0.1", requestsPerMinute: 9 },
      { what: "limitsChanged", keyId: id, who: "operator's token, from 127.0.0.1", requestsPerMinute: 9 },
      { what: "created", keyId: id, who: "operator's token, from 127.0.0.1", requestsPerMinute: 5 },
    ]);
    await fixture.clock.advance(6_000);
    expect(await askWith(key)).toBe(401);
  });

  it("give a key a month's budget and credit, once for each reference, and show what is used and left of them", async () => {
    await start();
    const made = await call("/keys", { method: "POST", body: { name: "customer", ...limits, monthlyUnits: 50, creditUnits: 3 } });
    const { id, key } = newKeySchema.parse(await made.json());
    for (let index = 0; index < 3; index += 1) expect(await askWith(key)).toBe(200);
    expect(await askWith(key)).toBe(429);
    const shown = { monthlyUnits: 50, chargedThisMonthUnits: 3, creditLeftUnits: 0 };
    expect((await report()).keys).toMatchObject([shown]);
    for (const body of [{ units: 9, reference: "invoice 7" }, { units: 9, reference: "invoice 7" }, { units: -2 }]) {
      expect((await call(`/keys/${id}/credit`, { method: "POST", body })).status).toBe(204);
    }
    expect((await report()).keys).toMatchObject([{ ...shown, creditLeftUnits: 7 }]);
    expect((await call(`/keys/${id}`, { method: "PATCH", body: { ...limits, monthlyUnits: null } })).status).toBe(204);
    expect((await call(`/keys/${id}`, { method: "PATCH", body: { ...limits, requestsPerMinute: 9 } })).status).toBe(204);
    for (const status of [204, 404]) expect((await call(`/keys/${id}/credit`, { method: "DELETE" })).status).toBe(status);
    expect((await call("/keys/nobody/credit", { method: "POST", body: { units: 1 } })).status).toBe(404);
    const { keys, changes } = await report();
    expect(keys).toMatchObject([{ requestsPerMinute: 9, monthlyUnits: null, creditLeftUnits: null }]);
    expect(changes.map(({ what, monthlyUnits, creditUnits, reference }) => [what, monthlyUnits, creditUnits, reference])).toEqual([
      ["creditEnded", null, null, null],
      ["limitsChanged", null, null, null],
      ["limitsChanged", null, null, null],
      ["creditAdded", 50, -2, null],
      ["creditAdded", 50, 9, "invoice 7"],
      ["created", 50, 3, null],
    ]);
  });

  it("refuse budgets and credit that are no whole numbers within bounds", async () => {
    await start();
    const key = await fixture.addKey();
    const key2 = { ...limits, name: "x" };
    for (const wrong of ["-1", "1.5", "1e308", "1e999", '"5"', "true"]) {
      for (const [path, method, fields] of [
        ["/keys", "POST", `${JSON.stringify(key2).slice(1, -1)},"monthlyUnits":${wrong}`],
        ["/keys", "POST", `${JSON.stringify(key2).slice(1, -1)},"creditUnits":${wrong}`],
        ["/keys/key-0", "PATCH", `${JSON.stringify(limits).slice(1, -1)},"monthlyUnits":${wrong}`],
        ["/keys/key-0/credit", "POST", `"units":${wrong === "-1" ? "0" : wrong}`],
      ] as const) {
        const refused = await fetch(`${fixture.url}/v1/operator${path}`, {
          method,
          headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
          body: `{${fields}}`,
        });
        expect({ path, wrong, status: refused.status }).toEqual({ path, wrong, status: 400 });
      }
    }
    expect((await report()).keys).toMatchObject([{ id: "key-0", monthlyUnits: null, creditLeftUnits: null }]);
    expect((await report()).changes).toHaveLength(1);
    expect(await askWith(key)).toBe(200);
  });

  it("show what starts found changed of the settings", async () => {
    await start();
    await fixture.store.noteSettings({ settings: { gateway: { port: 8080 } }, version: "1.0.0", nowMs: 1 });
    await fixture.store.noteSettings({ settings: { gateway: { port: 9000, operatorToken: "(hidden)" } }, version: "1.1.0", nowMs: 2 });
    expect((await report()).settingsChanges).toEqual([
      { atMs: 2, version: "1.1.0", setting: "gateway.port", before: 8080, after: 9000 },
      { atMs: 2, version: "1.1.0", setting: "gateway.operatorToken", before: null, after: "(hidden)" },
    ]);
  });

  it("refuse bodies that are no key, and say which field is wrong", async () => {
    await start();
    for (const [body, param] of [
      [{ ...limits }, "name"],
      [{ ...limits, name: "x", requestsPerMinute: 0 }, "requestsPerMinute"],
      [{ ...limits, name: "x", isAdmin: true }, null],
      ["text", null],
    ] as const) {
      const refused = await call("/keys", { method: "POST", body });
      expect({ status: refused.status, body: await refused.json() }).toMatchObject({ status: 400, body: { error: { param } } });
    }
    expect((await call("/keys", { method: "POST", body: { ...limits, name: "x".repeat(10_000) } })).status).toBe(413);
    expect((await report()).keys).toEqual([]);
  });

  it("let nobody in with a user's key or a wrong token, and after five of those not even look for a while", async () => {
    await start();
    const key = await fixture.addKey();
    const attempts = [key, `${token}x`, token.slice(1), "", key, key];
    const statuses: number[] = [];
    for (const bearer of attempts) statuses.push((await call("/keys", { method: "POST", body: { name: "x", ...limits }, bearer })).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    expect((await call("")).status).toBe(429);
    await fixture.clock.advance(60_000);
    expect((await report()).keys).toHaveLength(1);
  });

  it("are switched off unless a token is set, whatever is sent", async () => {
    fixture = await startGateway({});
    for (const bearer of [token, "undefined", ""]) {
      const refused = await call("", { bearer });
      expect({ status: refused.status, text: await refused.text() }).toMatchObject({
        status: 404,
        text: expect.stringContaining("gateway.operatorToken"),
      });
    }
  });
});
