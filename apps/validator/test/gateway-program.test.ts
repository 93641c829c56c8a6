import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { liveReportSchema } from "@vision/protocol";
import { createFakeBackend, fakeAnswer } from "@vision/sdk/testing";
import { ready } from "@vision/signing";
import { Redis } from "ioredis";
import pg from "pg";
import { startTestPostgres, type TestPostgres } from "../src/testing/test-postgres.js";
import { hasOwnTestRedis, type OwnTestRedis, startOwnTestRedis } from "../src/testing/test-redis.js";
import { bundlePrograms } from "./bundle-programs.js";
import { openFaultyWay } from "./fixtures/faulty-way.js";
import { askGateway, startGateways } from "./fixtures/start-gateways.js";
import { until } from "./fixtures/until.js";

const describeWithRedis = hasOwnTestRedis ? describe : describe.skip;
if (!hasOwnTestRedis) process.stderr.write("There is no redis-server: gateways in processes of their own are not tested.\n");

describeWithRedis("vision-validator gateway", () => {
  let programs: Awaited<ReturnType<typeof bundlePrograms>>;
  let postgres: TestPostgres;
  let redis: OwnTestRedis;
  let running: Awaited<ReturnType<typeof startGateways>> | null = null;
  let databaseUrl = "";

  beforeAll(async () => {
    await ready();
    [programs, postgres, redis] = await Promise.all([bundlePrograms("gateway.tsup.config.mjs"), startTestPostgres(), startOwnTestRedis()]);
  }, 120_000);
  afterEach(async () => {
    await running?.close();
    running = null;
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
  }, 60_000);
  afterAll(() => Promise.all([programs.remove(), postgres.stop(), redis.stop()]), 60_000);

  const start = async (options: Partial<Parameters<typeof startGateways>[0]> = {}) => {
    databaseUrl = await postgres.createDatabase();
    const backends = [createFakeBackend(), createFakeBackend()];
    running = await startGateways({
      folder: programs.folder,
      databaseUrl,
      redisUrl: redis.url,
      capacityPerHour: 5_000_000,
      backends,
      ...options,
    });
    return running;
  };
  const query = async <Row extends object>(text: string): Promise<readonly Row[]> => {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  };
  const count = async (text: string) => Number((await query<{ count: string }>(text))[0]?.count);
  const counted = () => count("select coalesce(sum(organic_count), 0) as count from tallies");
  const waiting = () => count("select count(*) as count from gateway_results");

  it("serves users through several processes, and the validator counts each answer once", async () => {
    const { startGateway, createKey, core } = await start();
    const gateways = await Promise.all([startGateway(), startGateway()]);
    const { key, id } = await createKey();
    const statuses = await Promise.all(
      Array.from({ length: 60 }, (_, index) => askGateway(gateways[index % 2]?.url ?? "", key, index % 3 === 0 ? { stream: true } : {})),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
    await until("all answers to be counted", async () => (await counted()) === 60 && (await waiting()) === 0);
    expect(await count("select count(*) as count from results where is_organic")).toBe(60);
    // Answers of users are kept to be checked, too.
    expect(await count("select count(*) as count from checks where is_organic")).toBeGreaterThan(0);
    // The core routes by what they found.
    const records = core()
      ?.core.routing.candidates("chat-tiny")
      .map(({ record }) => record.okFraction);
    expect(records).toEqual([1, 1]);

    for (const { url } of gateways) {
      const { tasks } = liveReportSchema.parse(await (await fetch(`${url}/v1/live`)).json());
      expect({ url, task: tasks[0] }).toMatchObject({ url, task: { taskId: "chat-tiny", minerCount: 2 } });
    }
    expect((await fetch(`${gateways[0]?.metricsUrl.replace("/metrics", "")}/readyz`)).status).toBe(200);

    expect(await Promise.all(gateways.map((gateway) => gateway.stop("SIGTERM")))).toEqual([0, 0]);
    expect(await count(`select sum(requests) as count from key_usage where key_id = '${id}'`)).toBe(60);
  }, 120_000);

  it("asks a miner for no more than it declared, whichever process is asked", async () => {
    // An eighth of an hour may be saved up: 1,000 tokens, of which each request holds 16.
    const capacityPerHour = 8_000;
    const sixteenTokens = Array.from({ length: 16 }, (_, index) => `word${index}`).join(" ");
    const backend = createFakeBackend({ script: (call) => fakeAnswer(call, sixteenTokens) });
    const { startGateway, createKey } = await start({ capacityPerHour, backends: [backend] });
    const gateways = await Promise.all([startGateway(), startGateway()]);
    const { key } = await createKey();
    const startedAtMs = performance.now();
    const statuses = await Promise.all(Array.from({ length: 240 }, (_, index) => askGateway(gateways[index % 2]?.url ?? "", key)));
    const passedHours = (performance.now() - startedAtMs) / 3_600_000;
    const answered = statuses.filter((status) => status === 200).length;
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
    await until("all answers to be counted", async () => (await counted()) === answered && (await waiting()) === 0);
    const [tally] = await query<{ units: number; limited: number; failed: number }>(
      "select attempted_units as units, rate_limited_count as limited, failed_count as failed from tallies where organic_count > 0",
    );
    expect(tally).toMatchObject({ limited: 0, failed: 0 });
    expect(tally?.units).toBeLessThanOrEqual(capacityPerHour * (1 / 8 + passedHours) + 16);
    expect(tally?.units).toBeGreaterThan(capacityPerHour / 10);
  }, 120_000);

  it("serves on when another is killed with answers under way: what that one held is free again, and nothing counts twice", async () => {
    const { startGateway, createKey, validatorHotkey } = await start();
    const [killed, other] = await Promise.all([startGateway(), startGateway()]);
    const { key, id } = await createKey({ paidUnits: 1_000_000 });
    let isOver = false;
    const answered = { killed: 0, other: 0 };
    const otherStatuses = new Set<number>();
    /** Of the killed one, when its answers were there. */
    const answeredAtMs: number[] = [];
    const users = Array.from({ length: 8 }, async (_, index) => {
      while (!isOver) {
        const isKilled = index % 2 === 0;
        const status = await askGateway(isKilled ? killed.url : other.url, key, { stream: index % 4 < 2 });
        if (!isKilled) otherStatuses.add(status);
        if (isKilled && status !== 200) return;
        answered[isKilled ? "killed" : "other"] += 1;
        if (isKilled) answeredAtMs.push(performance.now());
      }
    });
    await until("answers of both", () => answered.killed > 30 && answered.other > 30);
    const killedAtMs = performance.now();
    await killed.stop("SIGKILL");
    const before = answered.other;
    await until("more answers of the other", () => answered.other > before + 20);
    isOver = true;
    await Promise.all(users);
    expect(otherStatuses).toEqual(new Set([200]));

    const client = new Redis(redis.url);
    const requests = async () => Object.values(await client.hgetall(`{vision:${validatorHotkey}}:requests`)).map(Number);
    await until("what the killed one held to be free", async () => {
      const processes = await client.zcard(`{vision:${validatorHotkey}}:processes`);
      return processes === 2 && (await requests()).every((each) => each === 0);
    });
    client.disconnect();
    await until("nothing to wait", async () => (await waiting()) === 0);
    await until("the other's answers to be counted", async () => (await counted()) >= answered.other);
    // At most what was found out in the half second before is forgotten, written or not when it was killed.
    const lateOnes = answeredAtMs.filter((atMs) => atMs > killedAtMs - 2_000).length;
    const all = answered.other + answered.killed;
    expect(await counted()).toBeGreaterThanOrEqual(all - lateOnes);
    // Answers that were there while their users were not told yet.
    expect(await counted()).toBeLessThanOrEqual(all + 4);
    expect(await count("select count(*) as count from results where is_organic and outcome = 'o'")).toBe(await counted());
    // What is charged is what is logged, and of both no more is forgotten.
    const logged = () => count(`select sum(requests) as count from key_usage where key_id = '${id}'`);
    await until("the other's requests to be logged", async () => (await logged()) >= answered.other + answered.killed - lateOnes);
    expect(await logged()).toBeLessThanOrEqual(all + 4);
    expect(await count(`select sum(units) as count from key_charges where key_id = '${id}'`)).toBe(
      await count(`select sum(units) as count from key_usage where key_id = '${id}'`),
    );
  }, 180_000);

  it("lets a key use its limits once, not once at each", async () => {
    const { startGateway, createKey } = await start();
    const [one, other] = await Promise.all([startGateway(), startGateway()]);
    const { key } = await createKey({ requestsPerMinute: 30 });
    const statuses = await Promise.all(Array.from({ length: 40 }, () => askGateway(one.url, key)));
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    await until("the other to hear of it", async () => (await askGateway(other.url, key)) === 429);
  }, 120_000);

  it("lets a key that has paid use what it paid for once, and charges what the log of its requests says", async () => {
    const { startGateway, createKey } = await start();
    const gateways = await Promise.all([startGateway(), startGateway()]);
    const { key, id } = await createKey({ paidUnits: 60 });
    // Of the last refusals the first says that what is left is held by the other's request.
    await until("both to refuse", async () => {
      const statuses = await Promise.all(gateways.map(({ url }) => askGateway(url, key)));
      return statuses.every((status) => status === 429);
    });
    const units = () => count(`select coalesce(sum(units), 0) as count from key_charges where key_id = '${id}'`);
    await until("all to be charged", async () => (await units()) >= 60);
    const charged = await units();
    // What was left before the two heard of each other, and one request of each.
    expect(charged).toBeLessThan(2 * 60 + 2 * 16);
    await until("both to refuse for good", async () => {
      const statuses = await Promise.all(gateways.map(({ url }) => askGateway(url, key)));
      return statuses.every((status) => status === 429);
    });
    expect(await units()).toBe(await count(`select sum(units) as count from key_usage where key_id = '${id}'`));
  }, 120_000);

  it("goes on while Redis is away, and all is counted when it is back", async () => {
    const { startGateway, createKey, validatorHotkey } = await start();
    const gateways = await Promise.all([startGateway(), startGateway()]);
    const { key } = await createKey();
    const ask = (requests: number) =>
      Promise.all(Array.from({ length: requests }, (_, index) => askGateway(gateways[index % 2]?.url ?? "", key)));
    expect(new Set(await ask(10))).toEqual(new Set([200]));
    await redis.kill();
    expect(new Set(await ask(20))).toEqual(new Set([200]));
    await redis.restart();
    const client = new Redis(redis.url);
    const processes = () => client.zcard(`{vision:${validatorHotkey}}:processes`);
    await until("all processes to be back", async () => (await processes()) === 3);
    client.disconnect();
    expect(new Set(await ask(10))).toEqual(new Set([200]));
    await until("all answers to be counted", async () => (await counted()) === 40 && (await waiting()) === 0);
  }, 120_000);

  it("goes on while the database is away, and hands over everything once when it is back", async () => {
    const backends = [createFakeBackend()];
    const { startGateway, createKey } = await start({ backends });
    const place = new URL(databaseUrl);
    const way = await openFaultyWay(Number(place.port));
    place.port = String(way.port);
    try {
      const gateway = await startGateway({ databaseUrl: place.href });
      const { key, id } = await createKey();
      expect(await askGateway(gateway.url, key)).toBe(200);
      way.hold(true);
      way.cut();
      const during = await Promise.all(Array.from({ length: 30 }, () => askGateway(gateway.url, key)));
      expect(new Set(during)).toEqual(new Set([200]));
      way.hold(false);
      way.cut();
      await until("all answers to be counted", async () => (await counted()) === 31 && (await waiting()) === 0);
      expect(await gateway.stop("SIGTERM")).toBe(0);
      expect(await count(`select sum(requests) as count from key_usage where key_id = '${id}'`)).toBe(31);
    } finally {
      await way.close();
    }
  }, 180_000);

  it("leaves what keys used for the next one where it is told to stop while the database is away, and that is charged once", async () => {
    const { startGateway, createKey } = await start();
    const place = new URL(databaseUrl);
    const way = await openFaultyWay(Number(place.port));
    place.port = String(way.port);
    try {
      const gateway = await startGateway({ databaseUrl: place.href });
      const { key, id } = await createKey({ paidUnits: 1_000_000 });
      const units = () => count(`select coalesce(sum(units), 0) as count from key_charges where key_id = '${id}'`);
      expect(await askGateway(gateway.url, key)).toBe(200);
      await until("it to be charged", async () => (await units()) > 0);
      const each = await units();
      way.hold(true);
      way.cut();
      const during = await Promise.all(Array.from({ length: 10 }, () => askGateway(gateway.url, key)));
      expect(new Set(during)).toEqual(new Set([200]));
      expect(await gateway.stop("SIGTERM")).toBe(0);
      expect(await units()).toBe(each);
      for (let start = 0; start < 2; start += 1) {
        const next = await startGateway();
        await until("what was left to be charged", async () => (await units()) === 11 * each);
        expect(await next.stop("SIGTERM")).toBe(0);
      }
      expect(await units()).toBe(11 * each);
    } finally {
      await way.close();
    }
  }, 180_000);

  it("goes on while the validator is away, and the next one counts what was handed over meanwhile", async () => {
    const subnet = await start();
    const gateway = await subnet.startGateway();
    const { key } = await subnet.createKey();
    expect(await askGateway(gateway.url, key)).toBe(200);
    await subnet.stopCore();
    expect(new Set(await Promise.all(Array.from({ length: 10 }, () => askGateway(gateway.url, key))))).toEqual(new Set([200]));
    await until("the results to be handed over", async () => (await waiting()) >= 10);
    await subnet.startCore();
    expect(await askGateway(gateway.url, key)).toBe(200);
    await until("all answers to be counted", async () => (await counted()) === 12 && (await waiting()) === 0);
    expect(await gateway.stop("SIGTERM")).toBe(0);
  }, 120_000);

  it("finishes the answers under way when it is told to stop", async () => {
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const backend = createFakeBackend({
      async *script(call) {
        await finished;
        yield* fakeAnswer(call);
      },
    });
    const { startGateway, createKey } = await start({ backends: [backend] });
    const gateway = await startGateway();
    const { key } = await createKey();
    const asking = askGateway(gateway.url, key, { stream: true, messages: [{ role: "user", content: "Take your time." }] });
    await until("the miner to be asked", () => backend.calls.some(({ request }) => JSON.stringify(request).includes("Take your time.")));
    const stopping = gateway.stop("SIGTERM");
    await until("it to say so", () => gateway.said().some((message) => message.startsWith("The API takes no more requests")));
    expect(await askGateway(gateway.url, key)).toBe(503);
    finish();
    expect([await asking, await stopping]).toEqual([200, 0]);
    await until("the answer to be counted", async () => (await counted()) === 1);
  }, 120_000);
});
