import { beforeAll, describe, expect, it } from "@jest/globals";
import {
  completeHello,
  createHello,
  createHotkeyFromUri,
  type Hotkey,
  type IncomingHeaders,
  macRequest,
  ready,
  type Session,
  signRequest,
} from "@vision/signing";
import fc from "fast-check";
import type { ValidatorDirectory } from "../src/index.js";
import { chatRequest, createTestMiner, errorCode, readAll, type TestMiner } from "./support/peers.js";
import { createWordBackend } from "./support/scripted-backend.js";

const path = "/v1/chat/completions";
const tasks = { "chat-tiny": { capacityPerHour: 3_600_000 } };
const { signal } = new AbortController();
let validator: Hotkey;
beforeAll(async () => {
  await ready();
  validator = createHotkeyFromUri("//Validator");
});

const newMiner = () => createTestMiner({ tasks, backend: createWordBackend(["a"]), sessionTtlMs: 60_000 });

const openSession = async ({ miner, clock, hotkey }: TestMiner): Promise<Session> => {
  const hello = createHello({
    hotkey: validator,
    minerAddress: hotkey.address,
    uuid: "hello",
    timestampMs: clock.nowMs(),
    ephemeralSeed: new Uint8Array(32).fill(5),
  });
  const answer = await miner.handle({ method: "POST", path: "/v1/hello", headers: hello.headers, body: hello.body, signal });
  const completed = completeHello({ pending: hello.pending, response: JSON.parse(await readAll(answer)), nowMs: clock.nowMs() });
  if (!completed.ok) throw new Error(completed.reason);
  return completed.session;
};

const body = Buffer.from(JSON.stringify(chatRequest()));
const handle = ({ miner }: TestMiner, headers: IncomingHeaders, at = path, bytes: Uint8Array = body) =>
  miner.handle({ method: "POST", path: at, headers, body: bytes, signal });

describe("requests in a session", () => {
  it("are answered, in any order, each once", async () => {
    const test = newMiner();
    const session = await openSession(test);
    const headersOf = (counter: number) => macRequest(session, { method: "POST", path, body, timestampMs: test.clock.nowMs(), counter });
    for (const counter of [3, 1, 2]) {
      const response = await handle(test, headersOf(counter));
      expect({ counter, status: response.status }).toEqual({ counter, status: 200 });
      await readAll(response);
    }
    for (const counter of [3, 1, 2]) {
      const response = await handle(test, headersOf(counter));
      expect({ counter, status: response.status, code: await errorCode(response) }).toEqual({
        counter,
        status: 401,
        code: "unauthenticated",
      });
    }
  });

  it("are refused at another path, with another body, late, and after the session's end", async () => {
    const test = newMiner();
    const session = await openSession(test);
    const headersAt = (counter: number) => macRequest(session, { method: "POST", path, body, timestampMs: test.clock.nowMs(), counter });
    expect((await handle(test, headersAt(1), "/v1/completions")).status).toBe(401);
    expect((await handle(test, headersAt(1), path, Buffer.from("{}"))).status).toBe(401);
    const late = headersAt(1);
    test.clock.advance(8_001);
    expect((await handle(test, late)).status).toBe(401);
    expect((await handle(test, headersAt(2))).status).toBe(200);
    test.clock.advance(60_000);
    expect((await handle(test, headersAt(3))).status).toBe(401);
  });

  it("mean nothing to another miner", async () => {
    const test = newMiner();
    const session = await openSession(test);
    const headers = macRequest(session, { method: "POST", path, body, timestampMs: test.clock.nowMs(), counter: 1 });
    expect((await handle(newMiner(), headers)).status).toBe(401);
  });
});

describe("requests signed one by one", () => {
  const signed = (test: TestMiner, signedFor = test.hotkey.address) =>
    signRequest({ hotkey: validator, body, signedFor, uuid: "u", timestampMs: test.clock.nowMs() });

  it("are answered once", async () => {
    const test = newMiner();
    const headers = signed(test);
    expect((await handle(test, headers)).status).toBe(200);
    expect((await handle(test, headers)).status).toBe(401);
  });

  it("W-03: are refused when they were signed for another miner", async () => {
    const test = newMiner();
    const headers = signed(test, createHotkeyFromUri("//OtherMiner").address);
    expect((await handle(test, headers)).status).toBe(401);
    const decision = test.miner.checkHead({ method: "POST", path, headers });
    expect(decision.kind === "refuse" && decision.response.status).toBe(401);
  });

  it("W-55: are refused by a miner that was started after they were signed", async () => {
    const test = newMiner();
    const headers = signed(test);
    const restarted = newMiner();
    restarted.clock.advance(1);
    expect((await handle(test, headers)).status).toBe(200);
    const later = createTestMiner({ tasks, backend: createWordBackend(["a"]), clock: restarted.clock });
    expect((await handle(later, headers)).status).toBe(401);
  });
});

describe("a stateless signature, which does not cover the path", () => {
  // A user's own fields pass through a gateway into the body that its validator signs.
  const crafted = {
    ...chatRequest(),
    protocolVersion: "3.0",
    ephemeralPublicKey: "09".repeat(32),
    periodMs: 1,
    tasks: [],
    prompt: "x",
  };
  const bytes = Buffer.from(JSON.stringify(crafted));

  it.each([
    ["/v1/hello", 401],
    ["/v1/capacity", 400],
    ["/v1/completions", 404],
    ["/v1/images/generations", 404],
  ])("is no use for a chat request that somebody sends on to %s, however its body was made", async (elsewhere, status) => {
    const all = { ...tasks, "completion-tiny": { capacityPerHour: 1_000 }, "image-tiny": { capacityPerHour: 1_000 } };
    const test = createTestMiner({ tasks: all, backend: createWordBackend(["a"]) });
    const sign = (uuid: string) =>
      signRequest({ hotkey: validator, body: bytes, signedFor: test.hotkey.address, uuid, timestampMs: test.clock.nowMs() });
    expect((await handle(test, sign("1"), elsewhere, bytes)).status).toBe(status);
    expect((await handle(test, sign("2"), path, bytes)).status).toBe(200);
  });
});

describe("validators without a permit", () => {
  it("leave nothing in the replay memory: what they sent is new once they are permitted", async () => {
    let isAllowed = false;
    const validators: ValidatorDirectory = {
      isAllowed: () => (isAllowed ? { isAllowed, stakeRao: 1n } : { isAllowed, reason: "no permit" }),
      totalStakeRao: () => 1n,
    };
    const test = createTestMiner({ tasks, backend: createWordBackend(["a"]), validators });
    const sign = (bytes: Uint8Array, uuid: string) =>
      signRequest({ hotkey: validator, body: bytes, signedFor: test.hotkey.address, uuid, timestampMs: test.clock.nowMs() });
    const requestHeaders = sign(body, "request");
    const helloBody = Buffer.from(JSON.stringify({ protocolVersion: "3.0", ephemeralPublicKey: "09".repeat(32) }));
    const helloHeaders = sign(helloBody, "hello");
    const statuses = async () => [
      (await handle(test, requestHeaders)).status,
      (await handle(test, helloHeaders, "/v1/hello", helloBody)).status,
    ];
    expect(await statuses()).toEqual([403, 403]);
    expect(await errorCode(await handle(test, helloHeaders, "/v1/hello", helloBody))).toBe("not_permitted");
    isAllowed = true;
    expect(await statuses()).toEqual([200, 200]);
    expect(await statuses()).toEqual([401, 401]);
  });
});

describe("whatever a stranger sends", () => {
  it("is answered with an error, never with an exception", async () => {
    const test = newMiner();
    const header = fc.constantFrom("epistula-version", "epistula-signed-by", "epistula-signed-for", "vision-session", "vision-mac", "x");
    const value = fc.oneof(
      fc.string(),
      fc.constantFrom("2", "00".repeat(16), "00".repeat(32), test.hotkey.address),
      fc.constant(undefined),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("/v1/hello", "/v1/capacity", path, "/", "/v1/hello?x=1", "//"),
        fc.dictionary(header, value),
        fc.uint8Array({ maxLength: 64 }),
        async (at, headers, bytes) => {
          const head = { method: "POST", path: at, headers };
          test.miner.checkHead(head);
          const response = await test.miner.handle({ ...head, body: bytes, signal });
          expect(response.status).toBeGreaterThanOrEqual(400);
          expect(response.status).toBeLessThan(500);
        },
      ),
    );
  });
});
