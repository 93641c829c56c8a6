import { afterEach, describe, expect, it } from "@jest/globals";
import { requestReportSchema } from "@vision/protocol";
import { chatEvents, type FakeMiner } from "../testing/fake-exchange.js";
import { type GatewayFixture, startGateway } from "../testing/gateway-fixture.js";
import { createRequestLog } from "./request-log.js";

const chat = { model: "chat-tiny", messages: [{ role: "user", content: "a secret question" }], max_tokens: 20 };
const miners: Readonly<Record<string, FakeMiner>> = {
  alice: () => ({ end: "rateLimited" }),
  bob: () => ({ events: chatEvents(["Hello", " there"]) }),
};

let fixture: GatewayFixture;
afterEach(() => fixture.close());

async function ask(key: string, requestId?: string): Promise<string> {
  const response = await fetch(`${fixture.url}/v1/chat/completions`, {
    method: "POST",
    headers: {
      ...{ "content-type": "application/json", authorization: `Bearer ${key}` },
      ...(requestId === undefined ? {} : { "x-request-id": requestId }),
    },
    body: JSON.stringify(chat),
  });
  await response.text();
  return response.headers.get("x-request-id") ?? "";
}

const look = (key: string, id: string) =>
  fetch(`${fixture.url}/v1/requests/${encodeURIComponent(id)}`, { headers: { authorization: `Bearer ${key}` } });

describe("GET /v1/requests/ID", () => {
  it("tells the key that made a request which miners were asked, in order, and nothing of what was said", async () => {
    fixture = await startGateway(miners);
    const key = await fixture.addKey();
    const response = await look(key, await ask(key));
    const text = await response.text();
    expect(requestReportSchema.parse(JSON.parse(text))).toMatchObject({
      taskId: "chat-tiny",
      atMs: fixture.clock.nowMs(),
      tries: [
        { hotkey: "alice", outcome: "rateLimited", verdict: { state: "unchecked" } },
        { hotkey: "bob", outcome: "ok", firstTokenMs: 1, durationMs: 2, verdict: { state: "open" } },
      ],
    });
    expect(text).not.toMatch(/secret|Hello/);
  });

  it("has the verdict once there is one", async () => {
    fixture = await startGateway(miners);
    const key = await fixture.addKey();
    const id = await ask(key);
    const exchangeId = fixture.exchange.results.at(-1)?.requestId ?? "";
    const verdict = { state: "judged" as const, qualityFraction: 0.5, reasons: ["was cut off"] };
    fixture.store.getRequestVerdicts = async (ids) => new Map(ids.includes(exchangeId) ? [[exchangeId, verdict]] : []);
    const { tries } = requestReportSchema.parse(await (await look(key, id)).json());
    expect(tries.map((each) => each.verdict)).toEqual([{ state: "unchecked" }, verdict]);
  });

  it("tells nobody else that a request was made, though both call theirs by the same id", async () => {
    fixture = await startGateway(miners);
    const [mine, other] = [await fixture.addKey(), await fixture.addKey()];
    await ask(mine, "mine/1");
    expect((await look(mine, "mine/1")).status).toBe(200);
    const refused = await look(other, "mine/1");
    expect({ status: refused.status, body: await refused.json() }).toMatchObject({ status: 404, body: { error: { code: "not_found" } } });
    expect((await look("vsn-wrong", "mine/1")).status).toBe(401);
    fixture.setFree(0);
    await ask(other, "mine/1");
    expect(requestReportSchema.parse(await (await look(other, "mine/1")).json()).tries).toEqual([]);
    expect(requestReportSchema.parse(await (await look(mine, "mine/1")).json()).tries).toHaveLength(2);
  });

  it("may be asked so often in a minute only: each asks the database", async () => {
    fixture = await startGateway(miners);
    const key = await fixture.addKey();
    const statuses = new Set<number>();
    for (let asked = 0; asked <= 120; asked += 1) statuses.add((await look(key, "x")).status);
    expect([...statuses]).toEqual([404, 429]);
  });
});

describe("createRequestLog", () => {
  it("keeps each key's newest hundred, whatever others ask", () => {
    const log = createRequestLog();
    log.begin({ keyId: "quiet", id: "only", taskId: "chat-tiny", atMs: 1 });
    for (let index = 0; index < 5_000; index += 1) log.begin({ keyId: "busy", id: `r${index}`, taskId: "chat-tiny", atMs: index });
    expect(log.find("quiet", "only")).toMatchObject({ atMs: 1, tries: [] });
    expect([log.find("busy", "r4899"), log.find("busy", "r4900")?.atMs, log.find("busy", "only")]).toEqual([null, 4_900, null]);
  });
});
