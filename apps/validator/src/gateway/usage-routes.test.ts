import { afterEach, describe, expect, it } from "@jest/globals";
import { usageReportSchema, VisionError } from "@vision/protocol";
import { chatEvents, type FakeMiner } from "../testing/fake-exchange.js";
import { type GatewayFixture, startGateway } from "../testing/gateway-fixture.js";
import { settle } from "../testing/manual-clock.js";

const DAY_MS = 86_400_000;

let isFailing = false;
const miners: Readonly<Record<string, FakeMiner>> = {
  alice: () => (isFailing ? { end: "failed" } : { events: chatEvents(["Hello", " there"]) }),
};

let fixture: GatewayFixture;
afterEach(async () => {
  isFailing = false;
  await fixture.close();
});

const ask = (key: string, changes: object = {}) => fixture.askChat(key, changes);

async function read(key: string) {
  const response = await fetch(`${fixture.url}/v1/usage`, { headers: { authorization: `Bearer ${key}` } });
  return usageReportSchema.parse(await response.json());
}

describe("GET /v1/usage", () => {
  it("tells a key what it used by day and task, errors among it, and nothing of another key's", async () => {
    fixture = await startGateway(miners);
    const [mine, other] = [await fixture.addKey({ requestsPerMinute: 77 }), await fixture.addKey()];
    const today = new Date(fixture.clock.nowMs()).toISOString().slice(0, 10);
    await ask(mine);
    await ask(mine, { stream: true });
    await ask(other);
    isFailing = true;
    expect(await ask(mine)).toBe(502);
    const report = await read(mine);
    expect(report.key).toMatchObject({ name: "test", requestsPerMinute: 77 });
    expect(report.rows).toMatchObject([{ day: today, taskId: "chat-tiny", workUnit: "tokens", requests: 3, errors: 1 }]);
    expect(report.rows[0]?.units).toBeGreaterThan(1);
    expect((await read(other)).rows).toMatchObject([{ requests: 1, errors: 0 }]);
    isFailing = false;
    await fixture.clock.advance(DAY_MS);
    await ask(mine);
    expect((await read(mine)).rows.map(({ day, requests }) => [day === today, requests])).toEqual([
      [false, 1],
      [true, 3],
    ]);
    await fixture.clock.advance(90 * DAY_MS);
    expect((await read(mine)).rows).toEqual([]);
  });

  it("is written down by itself after a while, at the close, and after an outage of the database", async () => {
    fixture = await startGateway(miners);
    const key = await fixture.addKey();
    const stored = async () => (await fixture.store.getUsage("key-0", 0)).map(({ requests }) => requests);
    await ask(key);
    expect(await stored()).toEqual([]);
    await fixture.clock.advance(30_000);
    await settle();
    expect(await stored()).toEqual([1]);
    const { addUsage } = fixture.store;
    fixture.store.addUsage = () => Promise.reject(new VisionError({ code: "STORE_UNREACHABLE", message: "away" }));
    await ask(key);
    await fixture.clock.advance(30_000);
    await settle();
    fixture.store.addUsage = addUsage;
    expect(await stored()).toEqual([1]);
    await fixture.clock.advance(30_000);
    await settle();
    expect(await stored()).toEqual([2]);
    await ask(key);
    await fixture.close();
    expect(await stored()).toEqual([3]);
  });

  it("counts once where only the answer of a write was lost, and what came meanwhile besides", async () => {
    fixture = await startGateway(miners);
    const key = await fixture.addKey();
    const { addUsage } = fixture.store;
    fixture.store.addUsage = async (...given) => {
      await addUsage(...given);
      throw new VisionError({ code: "STORE_UNREACHABLE", message: "the answer was lost" });
    };
    await ask(key);
    await fixture.clock.advance(30_000);
    await settle();
    await ask(key);
    fixture.store.addUsage = addUsage;
    await fixture.clock.advance(30_000);
    await settle();
    expect((await fixture.store.getUsage("key-0", 0)).map(({ requests }) => requests)).toEqual([2]);
  });

  it("tells a key what it used of its budget and has left of its credit, also when nothing is", async () => {
    fixture = await startGateway(miners);
    const { clock } = fixture;
    await clock.advance(Date.parse("2027-12-31T12:00:00Z") - clock.nowMs());
    const key = await fixture.addKey({ monthlyUnits: 100, paidUnits: 3 });
    const free = await fixture.addKey();
    for (const status of [200, 200, 429]) expect(await ask(key)).toBe(status);
    const renewsAtMs = Date.parse("2028-01-01");
    expect((await read(key)).budget).toEqual({ monthlyUnits: 100, chargedThisMonthUnits: 4, creditLeftUnits: -1, renewsAtMs });
    expect((await read(free)).budget).toEqual({ monthlyUnits: null, chargedThisMonthUnits: 0, creditLeftUnits: null, renewsAtMs });
    await clock.advance(DAY_MS);
    expect((await read(key)).budget).toMatchObject({ chargedThisMonthUnits: 0, creditLeftUnits: -1 });
  });

  it("needs a good key", async () => {
    fixture = await startGateway(miners);
    expect((await fetch(`${fixture.url}/v1/usage`)).status).toBe(401);
  });
});
