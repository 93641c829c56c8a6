import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import fastify, { type FastifyInstance } from "fastify";
import { createManualClock, type ManualClock } from "../testing/manual-clock.js";
import { createRepresentationCache, FRESH_MS } from "./cached-representation.js";

describe("createRepresentationCache", () => {
  let app: FastifyInstance;
  let clock: ManualClock;
  let found: { readonly json: unknown } | null;
  let reads: number;
  beforeEach(() => {
    app = fastify();
    clock = createManualClock();
    found = { json: [1] };
    reads = 0;
  });
  afterEach(() => app.close());

  async function serve(freshMs?: () => number): Promise<() => Promise<number>> {
    const read = async () => {
      reads += 1;
      return found;
    };
    const cache = createRepresentationCache<"a">({ kept: 1, ...(freshMs === undefined ? {} : { freshMs }) }, { clock, read });
    app.get("/", async (request, reply) => ((await cache.send("a", request, reply)) ? reply : reply.code(404).send()));
    const url = await app.listen({ host: "127.0.0.1", port: 0 });
    return async () => (await fetch(url)).status;
  }

  it("reads again after two seconds, as much as is asked for meanwhile", async () => {
    const ask = await serve();
    for (let asked = 0; asked < 3; asked += 1) expect(await ask()).toBe(200);
    expect(reads).toBe(1);
    await clock.advance(FRESH_MS);
    expect(await ask()).toBe(200);
    expect(reads).toBe(2);
  });

  it("counted all requests of a closed period again for whoever asked, every two seconds: what cannot change stands for longer", async () => {
    const ask = await serve(() => 600_000);
    expect(await ask()).toBe(200);
    await clock.advance(599_999);
    expect(await ask()).toBe(200);
    expect(reads).toBe(1);
    await clock.advance(1);
    expect(await ask()).toBe(200);
    expect(reads).toBe(2);
  });

  it("showed what it had, after the clock was set back, until that had caught up", async () => {
    const ask = await serve();
    expect(await ask()).toBe(200);
    clock.stepWall(-3_600_000);
    await clock.advance(FRESH_MS);
    expect(await ask()).toBe(200);
    expect(reads).toBe(2);
  });

  it("looks again soon for what was not there yet", async () => {
    const ask = await serve(() => 600_000);
    found = null;
    expect(await ask()).toBe(404);
    found = { json: [1] };
    await clock.advance(FRESH_MS);
    expect(await ask()).toBe(200);
  });
});
