import { afterEach, describe, expect, it } from "@jest/globals";
import { chatEvents, type FakeMiner } from "../testing/fake-exchange.js";
import { type GatewayFixture, startGateway } from "../testing/gateway-fixture.js";

const all = { sinceMs: 0, maxBytesPerTask: 1e9 };
let isFailing = false;
const miners: Readonly<Record<string, FakeMiner>> = {
  alice: () => (isFailing ? { end: "failed" } : { events: chatEvents(["Hello", " there"]) }),
};

let fixture: GatewayFixture;
afterEach(async () => {
  isFailing = false;
  await fixture.close();
});

const ask = (key: string, content: string, changes: object = {}) =>
  fixture.askChat(key, { messages: [{ role: "user", content }], ...changes });

const kept = async () => {
  await fixture.clock.advance(10_000);
  return fixture.store.takeStockOfSharedRequests(all);
};

describe("requests of keys that share them", () => {
  it("are kept as they were sent, with whom they went to, once they are answered; those of other keys never are", async () => {
    fixture = await startGateway(miners);
    const [open, closed] = [await fixture.addKey({ sharesRequests: true }), await fixture.addKey()];
    expect(await ask(open, "mine", { stream: true, temperature: 0.5 })).toBe(200);
    expect(await ask(closed, "private")).toBe(200);
    expect(await kept()).toMatchObject([
      {
        ...{ taskId: "chat-tiny", keyId: "key-0", hotkeys: ["alice"] },
        request: { messages: [{ role: "user", content: "mine" }], stream: true, temperature: 0.5, max_tokens: 20 },
      },
    ]);
  });

  it("are not kept when nobody answered, nor when they are very large, nor after the key stopped sharing", async () => {
    fixture = await startGateway(miners);
    const key = await fixture.addKey({ sharesRequests: true });
    isFailing = true;
    expect(await ask(key, "unanswered")).toBe(502);
    isFailing = false;
    await ask(key, "fine");
    await ask(key, "kept", { user: "u".repeat(70_000) });
    expect((await kept()).map(({ request }) => JSON.stringify(request["messages"]))).toEqual([expect.stringContaining("fine")]);
    await ask(key, "late");
    await fixture.store.setSharing("key-0", false, { who: "a test", nowMs: 1 });
    expect(await kept()).toEqual([]);
  });

  it("cost no user an answer while the database is away", async () => {
    fixture = await startGateway(miners);
    const key = await fixture.addKey({ sharesRequests: true });
    await ask(key, "one");
    fixture.store.setUnreachable(true);
    await fixture.clock.advance(10_000);
    expect(await ask(key, "two")).toBe(200);
    await fixture.clock.advance(10_000);
    expect(await ask(key, "three")).toBe(200);
    fixture.store.setUnreachable(false);
    expect((await kept()).length).toBe(1);
    expect(fixture.logger.lines.filter(({ message }) => message.includes("Shared requests could not be written"))).toHaveLength(1);
  });
});
