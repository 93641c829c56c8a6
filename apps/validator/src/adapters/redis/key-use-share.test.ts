import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { hasOwnTestRedis, type OwnTestRedis, startOwnTestRedis } from "../../testing/test-redis.js";
import { openKeyUseShare } from "./key-use-share.js";

const describeWithRedis = hasOwnTestRedis ? describe : describe.skip;
if (!hasOwnTestRedis) process.stderr.write("There is no redis-server: limits of keys at several gateways are not tested on one.\n");

describeWithRedis("openKeyUseShare", () => {
  let redis: OwnTestRedis;
  beforeAll(async () => {
    redis = await startOwnTestRedis();
  });
  afterAll(async () => redis.stop());

  const aUse = (keyId: string, requests: number) => ({
    ...{ keyId, requests, requestsPerMinute: 60, tokensPerMinute: null, tokens: 1.5, left: 0, underWay: 2, openUnits: 7 },
  });

  it("tells each what the others said last, also when Redis was away", async () => {
    const validator = randomUUID();
    const [one, other] = [0, 1].map(() => openKeyUseShare({ url: redis.url, validator }));
    if (one === undefined || other === undefined) throw new Error("no shares");
    const stranger = openKeyUseShare({ url: redis.url, validator: randomUUID() });
    try {
      const exchange = async (...[own]: Parameters<typeof one.exchange>) => {
        for (;;) {
          const heard = await one.exchange(own).catch(() => null);
          if (heard !== null) return heard;
          await delay(5);
        }
      };
      const say = async (share: typeof one, own: Parameters<typeof one.exchange>[0]) => {
        for (;;) {
          if ((await share.exchange(own).catch(() => null)) !== null) return;
          await delay(5);
        }
      };
      await Promise.all([say(other, [aUse("a", 1)]), say(stranger, [aUse("a", 9)])]);
      expect([...(await exchange([aUse("a", 5)])).values()]).toEqual([[aUse("a", 1)]]);
      await say(other, [aUse("a", 2), aUse("b", 1)]);
      expect([...(await exchange([])).values()].map((uses) => uses.map(({ keyId, requests }) => [keyId, requests]).sort())).toEqual([
        [
          ["a", 2],
          ["b", 1],
        ],
      ]);
      await redis.kill();
      await expect(one.exchange([])).rejects.toThrow();
      await redis.restart();
      await say(other, [aUse("a", 3)]);
      expect([...(await exchange([])).values()]).toEqual([[aUse("a", 3)]]);
    } finally {
      for (const share of [one, other, stranger]) share.close();
    }
  });
});
