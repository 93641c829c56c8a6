import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { judgeRedis } from "../../domain/judge-redis.js";
import { hasOwnTestRedis, type OwnTestRedis, startOwnTestRedis } from "../../testing/test-redis.js";
import { inspectRedis } from "./inspect-redis.js";

const describeWithRedis = hasOwnTestRedis ? describe : describe.skip;

describeWithRedis("inspectRedis", () => {
  let redis: OwnTestRedis;
  beforeAll(async () => {
    redis = await startOwnTestRedis();
  });
  afterAll(async () => redis.stop());

  it("tells version and memory of one that can be used", async () => {
    const state = await inspectRedis(redis.url);
    expect(state).toMatchObject({ version: expect.stringMatching(/^\d+\./), evictionPolicy: "noeviction" });
    expect(judgeRedis(state)).toMatchObject({ status: "ok" });
  });

  it("says why one cannot be reached", async () => {
    await expect(inspectRedis("redis://127.0.0.1:1")).rejects.toThrow("ECONNREFUSED");
    await expect(inspectRedis(redis.url.replace("//", "//nobody:wrong@"))).rejects.toThrow("WRONGPASS");
  });
});

describe("judgeRedis", () => {
  it("warns of one that forgets keys, and refuses one that is too old", () => {
    const state = { version: "7.0.15", evictionPolicy: "allkeys-lru", usedBytes: 1e6 };
    expect(judgeRedis(state)).toMatchObject({ status: "warn", detail: expect.stringContaining("allkeys-lru") });
    expect(judgeRedis({ ...state, version: "4.0.9" })).toMatchObject({ status: "fail" });
  });
});
