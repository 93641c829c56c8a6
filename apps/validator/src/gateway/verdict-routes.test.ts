import { connect } from "node:net";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { VERDICTS_PATH, type VerdictsPage, verdictsPageSchema } from "@vision/protocol";
import { createHotkeyFromUri, type Hotkey, ready, signRequest, verifyVerdicts } from "@vision/signing";
import { type GatewayFixture, startGateway } from "../testing/gateway-fixture.js";
import { aCheck, anId, aPeriod, aPeriodReport, aProbe, aResult } from "../testing/store-samples.js";

let alice: Hotkey;
let bob: Hotkey;
let validator: string;
let fixture: GatewayFixture;
let uuids = 0;

beforeAll(async () => {
  await ready();
  alice = createHotkeyFromUri("//Alice");
  bob = createHotkeyFromUri("//Bob");
  validator = createHotkeyFromUri("//Validator").address;
});

beforeEach(async () => {
  fixture = await startGateway({}, { options: { strangerRequestsPerMinute: 20_000 } });
});
afterEach(() => fixture.close());

const bodyOf = (fields: object = {}) => Buffer.from(JSON.stringify({ purpose: "verdicts", ...fields }));

function signed(hotkey: Hotkey, body: Buffer, changes: { readonly signedFor?: string; readonly timestampMs?: number } = {}) {
  uuids += 1;
  return signRequest({ hotkey, body, signedFor: validator, uuid: `uuid-${uuids}`, timestampMs: fixture.clock.nowMs(), ...changes });
}

const post = (headers: Readonly<Record<string, string>>, body: Buffer) =>
  fetch(`${fixture.url}${VERDICTS_PATH}`, { method: "POST", headers: { ...headers, "content-type": "application/json" }, body });

async function ask(hotkey: Hotkey, fields: object = {}) {
  const body = bodyOf(fields);
  const headers = signed(hotkey, body);
  const response = await post(headers, body);
  const page = response.status === 200 ? verdictsPageSchema.parse(await response.json()) : null;
  return { status: response.status, page, uuid: headers["epistula-uuid"] ?? "" };
}

/** Samples of both miners in periods 1 and 2; only the first period is reported. */
async function fill(): Promise<void> {
  for (const period of [1, 2]) {
    await fixture.store.switchPeriod(aPeriod(period), [aProbe()]);
    for (const { address } of [alice, bob]) {
      const id = anId(`${address} ${period}`);
      const owned = { hotkey: address, period };
      await fixture.store.recordResults([aResult(id, { ...owned, isOrganic: true })], [aCheck(id, { ...owned, isOrganic: true })]);
      const { request: _request, answer: _answer, sampler: _sampler, ...kept } = aCheck(id, { ...owned, isOrganic: true });
      const found = { receipt: null, qualityFraction: 0, reasons: ["was cut off"], fault: "cutOff", evidence: null } as const;
      await fixture.store.recordSample({ ...kept, ...found });
    }
  }
  await fixture.store.savePeriodReport(aPeriodReport(1));
}

describe("POST /v1/verdicts", () => {
  it("gives a miner its own verdicts of reported periods, signed by the validator for this request, and does not tell who had asked", async () => {
    await fill();
    const { page, uuid } = await ask(alice);
    expect(page?.verdicts).toMatchObject([{ requestId: anId(`${alice.address} 1`), qualityFraction: 0, fault: "cutOff", period: 1 }]);
    expect(verifyVerdicts(page as VerdictsPage, { validator, miner: alice.address, uuid })).toBe(true);
    expect(JSON.stringify(page)).not.toMatch(/organic|synthetic/i);
    await fixture.store.savePeriodReport(aPeriodReport(2));
    expect((await ask(alice, { limit: 1 })).page).toMatchObject({ verdicts: [{ period: 1 }], next: expect.any(String) });
    const { next } = (await ask(alice, { limit: 1 })).page as VerdictsPage;
    expect((await ask(alice, { limit: 5, after: next })).page).toMatchObject({ verdicts: [{ period: 2 }], next: null });
  });

  it("does not verify a page that somebody has changed, or that answers another request", async () => {
    await fill();
    const { page, uuid } = await ask(alice);
    const expected = { validator, miner: alice.address, uuid };
    const [first] = page?.verdicts ?? [];
    if (page === null || first === undefined) throw new Error("no verdict came");
    const changed: readonly VerdictsPage[] = [
      { ...page, verdicts: [] },
      { ...page, verdicts: [{ ...first, qualityFraction: 1 }] },
      { ...page, verdicts: [{ ...first, fault: null }] },
      { ...page, verdicts: [first, first] },
      { ...page, next: "1.1" },
      { ...page, atMs: page.atMs + 1 },
      { ...page, miner: bob.address },
      { ...page, signatureHex: "00".repeat(64) },
    ];
    expect(changed.map((each) => verifyVerdicts(each, expected))).toEqual(changed.map(() => false));
    expect(verifyVerdicts(page, { ...expected, uuid: "another" })).toBe(false);
    expect(verifyVerdicts(page, { ...expected, validator: bob.address })).toBe(false);
  });

  it("refuses whoever is not the hotkey that it says it is, signs for somebody else, or comes at another time", async () => {
    await fill();
    const body = bodyOf();
    const nowMs = fixture.clock.nowMs();
    const cases = {
      unsigned: {},
      "another's name": { ...signed(bob, body), "epistula-signed-by": alice.address },
      "another body": signed(alice, bodyOf({ limit: 3 })),
      "another validator": signed(alice, body, { signedFor: bob.address }),
      stale: signed(alice, body, { timestampMs: nowMs - 60_000 }),
      future: signed(alice, body, { timestampMs: nowMs + 60_000 }),
    };
    const statuses: Record<string, number> = {};
    for (const [name, headers] of Object.entries(cases)) statuses[name] = (await post(headers, body)).status;
    expect(statuses).toEqual(Object.fromEntries(Object.keys(cases).map((name) => [name, 401])));
  });

  it("answers a request once", async () => {
    const body = bodyOf();
    const headers = signed(alice, body);
    expect([(await post(headers, body)).status, (await post(headers, body)).status]).toEqual([200, 401]);
  });

  it.each([
    "",
    "null",
    "[]",
    "{}",
    '{"purpose":"inference"}',
    '{"purpose":"verdicts","after":"x"}',
    '{"purpose":"verdicts","limit":1e9}',
    "{",
  ])("takes %j for no such request, whoever signed it", async (text) => {
    const body = Buffer.from(text);
    expect((await post(signed(alice, body), body)).status).toBe(400);
  });

  it("a thousand requests of one hotkey are read for thirty of them, and cost nobody else anything", async () => {
    await fill();
    let reads = 0;
    const { getVerdicts } = fixture.store;
    fixture.store.getVerdicts = (query) => {
      reads += 1;
      return getVerdicts(query);
    };
    const body = bodyOf();
    const statuses = new Map<number, number>();
    const count = (status: number) => statuses.set(status, (statuses.get(status) ?? 0) + 1);
    for (let sent = 0; sent < 40; sent += 1) count((await post(signed(alice, body), body)).status);
    // Signing costs the sender more than all that is tested here: one signature is enough where none is looked at.
    const headers = signed(alice, body);
    const burst = async () => {
      for (let sent = 0; sent < 120; sent += 1) count((await post(headers, body)).status);
    };
    await Promise.all(Array.from({ length: 8 }, burst));
    expect(statuses).toEqual(
      new Map([
        [200, 30],
        [429, 970],
      ]),
    );
    expect(reads).toBe(30);
    expect((await ask(bob)).status).toBe(200);
  });

  it("a stranger who names a miner cannot use up its share", async () => {
    await fill();
    const body = bodyOf();
    const statuses = new Set<number>();
    for (let sent = 0; sent < 60; sent += 1) {
      statuses.add((await post({ ...signed(bob, body), "epistula-signed-by": alice.address }, body)).status);
    }
    expect(statuses).toEqual(new Set([401]));
    expect((await ask(alice)).status).toBe(200);
  });

  it("refuses a body of megabytes without reading it", async () => {
    const { hostname, port } = new URL(fixture.url);
    const socket = connect(Number(port), hostname);
    const head = Object.entries(signed(alice, bodyOf())).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(
      `POST ${VERDICTS_PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 4000000\r\n${head.join("")}\r\n`,
    );
    let answer = "";
    // Nothing of the body is ever sent: the answer comes all the same, and the connection ends.
    for await (const chunk of socket) answer += String(chunk);
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
  });
});
