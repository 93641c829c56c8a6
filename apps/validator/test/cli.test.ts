import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type EpochReport, scoreEpoch, VISION } from "@vision/scoring";
import { completeReceipt, createHotkeyFromUri, parseReceipt, ready, signReceipt, verifySignature } from "@vision/signing";
import { openPostgresStore } from "../src/adapters/postgres/index.js";
import { recordingLogger } from "../src/testing/recording-logger.js";
import { anAnswer, anId, aPeriodReport, aTiming } from "../src/testing/store-samples.js";
import { startTestPostgres, type TestPostgres } from "../src/testing/test-postgres.js";
import { runVision } from "./run-vision.js";

let postgres: TestPostgres;
let databaseUrl = "";
let folder = "";

beforeAll(async () => {
  postgres = await startTestPostgres();
  databaseUrl = await postgres.createDatabase();
  folder = await mkdtemp(join(tmpdir(), "vision-cli-"));
});
afterAll(async () => {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

async function vision(...argv: readonly string[]) {
  return visionWith({ DATABASE_URL: databaseUrl }, ...argv);
}

async function visionWith(environment: Readonly<Record<string, string>>, ...argv: readonly string[]) {
  return runVision(argv, { environment, workingDirectory: folder });
}

function aReport(): EpochReport {
  return scoreEpoch(
    {
      period: 4,
      periodsPerHour: 1,
      taskWeights: { "chat-tiny": 1 },
      targets: { "chat-tiny": { firstTokenMs: 400, unitsPerSecond: 80 } },
      series: [
        {
          hotkey: "alice",
          taskId: "chat-tiny",
          declaredCapacityPerHour: 1_000,
          periods: [
            {
              period: 4,
              declaredCapacityUnits: 1_000,
              attemptedUnits: 500,
              completedUnits: 500,
              rateLimitedUnits: 0,
              failedUnits: 0,
              requests: 10,
              okCount: 10,
              rateLimitedCount: 0,
              failedCount: 0,
            },
          ],
          samples: [{ period: 4, qualityFraction: 1, firstTokenMs: 400, durationMs: 1_650.5, units: 100 }],
        },
      ],
    },
    VISION,
  );
}

describe("vision-validator keys", () => {
  it("prints a new key once, lists it without its text, and revokes it", async () => {
    const limits = ["--requests-per-minute", "7", "--tokens-per-minute", "900", "--concurrent", "3"];
    const created = await vision("keys", "create", "--name", "shop", ...limits);
    expect(created.exitCode).toBe(0);
    expect(created.out).toMatch(/^vsn-[\w-]{43}\n$/);
    const key = created.out.trim();
    expect(created.error).not.toContain(key);

    const listed = await vision("keys", "list");
    expect(listed.out).toContain("shop");
    expect(listed.out).not.toContain(key);
    const [record] = JSON.parse((await vision("keys", "list", "--json")).out) as [{ readonly id: string }];
    expect(record).toMatchObject({ requestsPerMinute: 7, tokensPerMinute: 900, concurrentRequests: 3 });

    for (const nothing of ["--requests-per-minute=0", "--tokens-per-minute=0", "--concurrent=0", "--name= "]) {
      expect({ nothing, exitCode: (await vision("keys", "create", nothing)).exitCode }).toEqual({ nothing, exitCode: 2 });
    }
    expect((await vision("keys", "budget", record.id, "5000")).exitCode).toBe(0);
    expect((await vision("keys", "credit", record.id, "+1200", "--reference", "invoice 1")).error).toContain("1200 work units was added");
    expect((await vision("keys", "credit", record.id, "1200", "--reference", "invoice 1")).error).toContain("nothing changed");
    expect((await vision("keys", "credit", record.id, "--", "-200")).exitCode).toBe(0);
    const [budgeted] = JSON.parse((await vision("keys", "list", "--json")).out);
    expect(budgeted).toMatchObject({ monthlyUnits: 5_000, chargedThisMonthUnits: 0, creditLeftUnits: 1_000 });
    expect((await vision("keys", "list")).out).toMatch(/0 of 5000 +1000 /);
    for (const units of ["NaN", "1e308", "1.5", "", "9999999999999"]) {
      expect({ units, exitCode: (await vision("keys", "budget", record.id, units)).exitCode }).toEqual({ units, exitCode: 2 });
      expect({ units, exitCode: (await vision("keys", "credit", record.id, units)).exitCode }).toEqual({ units, exitCode: 2 });
    }
    expect((await vision("keys", "budget", record.id, "--", "-5")).exitCode).toBe(2);
    expect((await vision("keys", "credit", record.id, "0")).exitCode).toBe(2);
    expect((await vision("keys", "credit", "nobody", "5")).exitCode).toBe(4);
    expect([await vision("keys", "budget", record.id, "none"), await vision("keys", "credit", record.id, "none")]).toMatchObject([
      { exitCode: 0 },
      { exitCode: 0 },
    ]);
    expect((await vision("keys", "credit", record.id, "none")).exitCode).toBe(4);

    expect((await vision("keys", "revoke", record.id)).exitCode).toBe(0);
    expect((await vision("keys", "list")).out).toContain("revoked");
    expect((await vision("keys", "revoke", record.id)).exitCode).toBe(4);
  });
});

describe("vision-validator explain and report", () => {
  it("say so when nothing was scored", async () => {
    expect(await vision("explain", "alice")).toMatchObject({ exitCode: 4, out: "", error: expect.stringContaining("first period") });
    expect(await vision("report")).toMatchObject({ exitCode: 4 });
  });

  it("tell the scores of the latest period", async () => {
    const store = await openPostgresStore({ url: databaseUrl }, { logger: recordingLogger() });
    await store.saveEpoch({ period: 4, createdAtMs: 1_763_000_000_000, report: aReport() });
    await store.savePeriodReport(aPeriodReport(4));
    await store.close();

    const explained = await vision("explain", "alice");
    expect(explained).toMatchObject({ exitCode: 0, out: expect.stringContaining("rank 1 of 1") });
    expect(await vision("explain", "nobody")).toMatchObject({ exitCode: 4, out: expect.stringContaining("was not observed") });
    const table = await vision("report");
    expect(table.out).toMatch(/1 +alice +chat-tiny +1,000 +900 +25 % +4\/1\/0/);
    expect(table.out).toContain("Task weights: chat-tiny 100.0 %");
    expect(JSON.parse((await vision("report", "--json", "--period", "4")).out)).toEqual(aPeriodReport(4));
    expect(JSON.parse((await vision("report", "--scores")).out)).toEqual({ ...aReport(), createdAtMs: 1_763_000_000_000 });
    expect((await vision("report", "--period", "3")).exitCode).toBe(4);
  });
});

describe("vision-validator receipt", () => {
  it("prints what anybody needs to verify who gave an answer that was checked, and says so where none is kept", async () => {
    await ready();
    const [miner, validator] = [createHotkeyFromUri("//Alice"), createHotkeyFromUri("//Bob")];
    const file = join(folder, "receipt.json");
    await writeFile(file, JSON.stringify({ network: "local", netuid: 2, hotkey: { uri: "//Bob", areDevKeysAllowed: true } }));
    const show = (id: string) => vision("receipt", id, "--config", file);
    const requestSha256Hex = "ab".repeat(32);
    const signed = signReceipt({ hotkey: miner, validator: validator.address, requestSha256Hex, answer: anAnswer(), atMs: 5 });
    const parsed = parseReceipt(signed);
    if (parsed === null) throw new Error("no receipt");
    const store = await openPostgresStore({ url: databaseUrl }, { logger: recordingLogger() });
    const kept = { hotkey: miner.address, taskId: "chat-tiny", period: 1, ...aTiming, reasons: [], isOrganic: false, evidence: null };
    const receipt = completeReceipt({ ...parsed, requestSha256Hex }, anAnswer());
    await store.recordSample({ ...kept, requestId: anId("kept"), qualityFraction: 1, receipt });
    const forged = { ...receipt, atMs: 6 };
    await store.recordSample({ ...kept, requestId: anId("forged"), qualityFraction: 0, receipt: forged });
    await store.close();

    const shown = await show(anId("kept"));
    const printed = JSON.parse(shown.out);
    expect({ exitCode: shown.exitCode, printed }).toMatchObject({ exitCode: 0, printed: { ...receipt, isValid: true } });
    const { signatureHex, message, miner: address } = printed;
    expect(verifySignature({ address, message: Buffer.from(message), signature: Buffer.from(signatureHex, "hex") })).toBe(true);
    const wrong = await show(anId("forged"));
    expect({ exitCode: wrong.exitCode, printed: JSON.parse(wrong.out) }).toMatchObject({ exitCode: 1, printed: { isValid: false } });
    expect(await show(anId("nobody's"))).toMatchObject({ exitCode: 4, out: "" });
    expect(await show("17")).toMatchObject({ exitCode: 2, error: expect.stringContaining("UUID") });
  });
});

describe("vision-validator check-config", () => {
  it("prints the configuration in force and the hotkey's address, no secret", async () => {
    const file = join(folder, "config.json");
    await writeFile(file, JSON.stringify({ network: "local", netuid: 2, hotkey: { uri: "//Bob", areDevKeysAllowed: true } }));
    const checked = await vision("check-config", "--config", file, "--gateway-port", "1234");
    expect(checked.exitCode).toBe(0);
    expect(JSON.parse(checked.out)).toMatchObject({ gateway: { port: 1234 }, netuid: 2 });
    expect(checked.error).toContain("5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty");
    expect(checked.out + checked.error).not.toContain(new URL(databaseUrl).password);
    expect(checked.out).not.toContain("//Bob");
  });

  it("regression: a file of tasks that is named and not there was not mentioned, and its tasks were not served", async () => {
    const file = join(folder, "no-tasks.json");
    const hotkey = { uri: "//Bob", areDevKeysAllowed: true };
    await writeFile(file, JSON.stringify({ network: "local", netuid: 2, hotkey, tasksFile: "taks.json" }));
    const checked = await vision("check-config", "--config", file);
    expect(checked.exitCode).toBe(0);
    expect(checked.error).toContain(`there is no file ${join(folder, "taks.json")} (tasksFile)`);
    const usual = await vision(
      "check-config",
      "--netuid",
      "2",
      "--network",
      "local",
      "--hotkey-uri",
      "//Bob",
      "--hotkey-are-dev-keys-allowed",
      "true",
    );
    expect([usual.exitCode, usual.error.includes("Warning")]).toEqual([0, false]);
  });

  it("refuses an enabled task that no reference can check", async () => {
    const file = join(folder, "unchecked.json");
    const taskChanges = { "chat-tiny": { model: "not-embedded" } };
    const hotkey = { uri: "//Bob", areDevKeysAllowed: true };
    await writeFile(file, JSON.stringify({ network: "local", netuid: 2, hotkey, taskChanges }));
    const checked = await vision("check-config", "--config", file);
    expect(checked.exitCode).toBe(2);
    expect(checked.error.match(/No reference .*/g)).toEqual([expect.stringContaining("of the enabled task chat-tiny")]);
    expect(checked.error).not.toContain("The configuration is good");
  });

  it("lists every mistake and exits 2", async () => {
    const checked = await visionWith({ VISION_VALIDATOR_GATEWAY_PORT: "x" }, "check-config", "--netuid", "1");
    expect(checked.exitCode).toBe(2);
    expect(checked.error).toContain("3 mistakes");
    expect(checked.error).toContain("gateway.port (VISION_VALIDATOR_GATEWAY_PORT): must be a number");
  });
});

describe("the command line", () => {
  it("exits 2 for what it does not know, 0 for help and its version", async () => {
    expect(await vision("fly")).toMatchObject({ exitCode: 2, error: expect.stringContaining("fly") });
    expect(await vision("run", "--gatway-port", "1")).toMatchObject({ exitCode: 2, error: expect.stringContaining("--gateway-port") });
    expect(await vision("report", "--period", "soon")).toMatchObject({ exitCode: 2 });
    expect(await vision("--version")).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    const help = await vision("run", "--help");
    expect(help.exitCode).toBe(0);
    expect(help.out).toContain("--database-data-dir");
  });

  it("exits 3 and says what to do when the database is away, without its password", async () => {
    const away = await visionWith({ DATABASE_URL: "postgresql://me:hunter2@127.0.0.1:1/none" }, "keys", "list");
    expect(away).toMatchObject({ exitCode: 3, error: expect.stringContaining("STORE_UNREACHABLE") });
    expect(away.error).not.toContain("hunter2");
  });

  it("lists wallets", async () => {
    expect(await vision("wallet", "list", "--wallet-path", join(folder, "none"))).toMatchObject({ exitCode: 0 });
  });
});
