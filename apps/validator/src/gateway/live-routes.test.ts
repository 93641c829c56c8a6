import { afterEach, describe, expect, it } from "@jest/globals";
import { chainReportSchema, createSseDecoder, historyReportSchema, liveReportSchema } from "@vision/protocol";
import { type GatewayFixture, startGateway } from "../testing/gateway-fixture.js";
import { aChainReport } from "../testing/live-samples.js";
import { aPeriodReport } from "../testing/store-samples.js";

let fixture: GatewayFixture;
afterEach(() => fixture.close());

const get = (path: string) => fetch(`${fixture.url}${path}`);

/** Listens and hands out the events one by one. */
async function listen() {
  const giveUp = new AbortController();
  const response = await fetch(`${fixture.url}/v1/live/events`, { signal: giveUp.signal });
  const reader = response.body?.getReader();
  if (reader === undefined) throw new Error("no body");
  const decoder = createSseDecoder();
  const events: string[] = [];
  return {
    response,
    leave: () => giveUp.abort(),
    /** The next event; null when the stream has ended. */
    async next() {
      while (events.length === 0) {
        const { done, value } = await reader.read();
        if (done) return null;
        events.push(...decoder.push(value));
      }
      return liveReportSchema.parse(JSON.parse(events.shift() ?? ""));
    },
  };
}

describe("GET /v1/live/events", () => {
  it("tells at once and then every second, and ends when the gateway closes", async () => {
    fixture = await startGateway({});
    const { response, next } = await listen();
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const first = await next();
    await fixture.clock.advance(1_000);
    const second = await next();
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBe(1_000);
    await fixture.close();
    expect(await next()).toBeNull();
  });

  it("has room for so many listeners of one address, and for the next when one has left", async () => {
    fixture = await startGateway({}, { options: { strangerRequestsPerMinute: 1_000_000 } });
    const all = await Promise.all(Array.from({ length: 16 }, listen));
    const refused = await get("/v1/live/events");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "30"]);
    all[0]?.leave();
    let late = await listen();
    while (late.response.status === 503) {
      // Who has closed its side is known to be gone when something is sent.
      await fixture.clock.advance(1_000);
      late = await listen();
    }
    expect(late.response.status).toBe(200);
    expect((await get("/v1/live")).status).toBe(200);
  });
});

describe("GET /v1/history", () => {
  it("sums the newest periods up, oldest first, and reads those that may still change anew", async () => {
    fixture = await startGateway({});
    for (let period = 1; period <= 50; period += 1) await fixture.store.savePeriodReport(aPeriodReport(period));
    const read = async () => historyReportSchema.parse(await (await get("/v1/history")).json()).periods;
    const before = await read();
    expect(before.map(({ period }) => period)).toEqual(Array.from({ length: 48 }, (_, index) => index + 3));
    expect(before[0]).toMatchObject({ requests: 5, organicCount: 2, okCount: 4, rateLimitedCount: 1, weights: { alice: 1 } });

    for (const period of [50, 10]) await fixture.store.savePeriodReport({ ...aPeriodReport(period), miners: [] });
    await fixture.clock.advance(10_000);
    const after = await read();
    expect([after.at(-1)?.requests, after.find(({ period }) => period === 10)?.requests]).toEqual([0, 5]);
  });
});

describe("GET /v1/chain", () => {
  it("shows the subnet once it has been read", async () => {
    fixture = await startGateway({});
    expect((await get("/v1/chain")).status).toBe(503);
    fixture.setChain(aChainReport());
    await fixture.clock.advance(10_000);
    expect(chainReportSchema.parse(await (await get("/v1/chain")).json())).toEqual(aChainReport());
  });
});
