import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createEmbeddedModel, createEmbeddedReference, createEncoderCache, createInProcessEngine } from "@vision/checking";
import { createDevnet, type Devnet } from "@vision/devnet";
import { type DoctorReport, doctorReportSchema, findFreePort, lookAtChain } from "@vision/program";
import pg from "pg";
import { callBack } from "../src/adapters/call-back.js";
import { doctor } from "../src/commands/doctor.js";
import type { ReferenceModel } from "../src/ports/index.js";
import { startGateway } from "../src/testing/gateway-fixture.js";
import { startTestPostgres, type TestPostgres } from "../src/testing/test-postgres.js";

const TAO = 1_000_000_000n;

/** The command itself against a development node and a real database, and against worlds in which something is wrong. */
describe("vision-validator doctor", () => {
  let devnet: Devnet;
  let postgres: TestPostgres;
  let folder = "";
  let databaseUrl = "";
  const engine = createInProcessEngine();
  const signal = new AbortController().signal;

  beforeAll(async () => {
    const neurons = [
      { hotkey: "//Alice//hotkey", coldkey: "//Alice", stakeRao: 3_000n * TAO, hasPermit: true },
      { hotkey: "//Bob//hotkey", coldkey: "//Bob" },
    ];
    const hyperparameters = { isCommitRevealEnabled: true };
    [devnet, postgres, folder] = await Promise.all([
      createDevnet({ production: "instant", stakeThresholdRao: 1_000n * TAO, subnets: [{ netuid: 2, neurons, hyperparameters }] }),
      startTestPostgres(),
      mkdtemp(join(tmpdir(), "vision-doctor-")),
    ]);
    databaseUrl = await postgres.createDatabase();
    devnet.produceBlock();
  });
  afterAll(async () => {
    await devnet.close();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  });

  type World = {
    readonly settings?: Readonly<Record<string, string>>;
    readonly parts?: Parameters<typeof doctor>[1]["parts"];
    readonly isDevKey?: boolean;
    readonly isOwnDatabase?: boolean;
  };

  async function examine({ settings = {}, parts = {}, isDevKey = true, isOwnDatabase = true }: World = {}) {
    let out = "";
    const environment = {
      VISION_VALIDATOR_NETWORK: devnet.url,
      VISION_VALIDATOR_NETUID: "2",
      ...(isDevKey ? { VISION_VALIDATOR_HOTKEY_URI: "//Alice//hotkey", VISION_VALIDATOR_HOTKEY_ARE_DEV_KEYS_ALLOWED: "true" } : {}),
      VISION_VALIDATOR_DATABASE_DATA_DIR: join(folder, "state"),
      VISION_VALIDATOR_GATEWAY_PORT: "0",
      VISION_VALIDATOR_METRICS_PORT: "0",
      VISION_VALIDATOR_UPDATES_IS_LOOKED_FOR: "false",
      VISION_VALIDATOR_TASK_CHANGES: JSON.stringify({ "chat-llama-3-1-8b": { isEnabled: false } }),
      ...(isOwnDatabase ? { DATABASE_URL: databaseUrl } : {}),
      ...settings,
    };
    const sources = { environment, workingDirectory: folder, flags: {}, warn: () => undefined };
    const openReference = () => ({ ...createEmbeddedReference(engine), close: async () => undefined });
    const exitCode = await doctor(
      sources,
      { isJson: true, parts: { openReference, ...parts } },
      {
        ...{ environment, workingDirectory: folder, signal: new AbortController().signal },
        writeOut: (text) => {
          out += text;
        },
        writeError: () => undefined,
      },
    );
    const report = doctorReportSchema.parse(JSON.parse(out));
    return { exitCode, report, line: (name: string) => report.lines.find(({ check }) => check === name) };
  }
  const bad = (report: DoctorReport) => report.lines.filter(({ status }) => status !== "ok").map(({ check }) => check);

  it("finds nothing in a good world", async () => {
    const { exitCode, report, line } = await examine();
    expect(exitCode).toBe(0);
    expect(report.lines.map(({ check }) => check)).toEqual([
      ...["wallet", "names", "clock", "chain", "registration", "stake", "permit", "commit-reveal"],
      ...["gateway port", "from outside", "metrics port", "database", "free space", "reference", "tasks"],
    ]);
    // How full the disk of a test machine is says nothing.
    expect(bad(report).filter((check) => check !== "free space")).toEqual([]);
    expect(line("reference")?.detail).toBe("judges a known answer right and a wrong one wrong");
    expect(line("database")?.detail).toMatch(/^PostgreSQL \d+\.\d+, [\d.]+ MB, schema \d+$/);
  });

  it("looks for a newer version where it is told to, and without an answer fails nothing", async () => {
    const updates = { VISION_VALIDATOR_UPDATES_IS_LOOKED_FOR: "true", VISION_VALIDATOR_UPDATES_REGISTRY: "http://127.0.0.1:1" };
    const { exitCode, line } = await examine({ settings: updates });
    expect(line("version")).toMatchObject({ status: "ok", detail: expect.stringContaining("cannot be told") });
    expect(exitCode).toBe(0);
  });

  it("tells a hotkey without stake and permit from one that is not registered, and from one that cannot be read", async () => {
    const poor = await examine({ settings: { VISION_VALIDATOR_HOTKEY_URI: "//Bob//hotkey" } });
    expect(bad(poor.report).filter((check) => check !== "free space")).toEqual(["stake", "permit"]);
    expect(poor.exitCode).toBe(1);
    const stranger = await examine({ settings: { VISION_VALIDATOR_HOTKEY_URI: "//Ferdie" } });
    expect(stranger.line("registration")).toMatchObject({ status: "fail", advice: expect.stringContaining("vision-miner register") });
    expect(stranger.line("stake")).toMatchObject({ status: "fail", advice: 'See the line "registration".' });
    const seedFile = join(folder, "seed");
    await writeFile(seedFile, "ab".repeat(32));
    await chmod(seedFile, 0o644);
    const open = await examine({ settings: { VISION_VALIDATOR_HOTKEY_SEED_FILE: seedFile }, isDevKey: false });
    expect(open.line("wallet")).toMatchObject({ status: "fail", detail: expect.stringContaining("can be read by other users") });
    expect(open.line("registration")).toMatchObject({ status: "fail", advice: 'See the line "wallet".' });
    expect(open.line("clock")?.status).toBe("ok");
  });

  it("tells a chain that is away, one that stands still, and a subnet whose weights are public", async () => {
    const dead = { network: "ws://127.0.0.1:1", netuid: 2, chain: {} };
    const away = await examine({ parts: { sight: lookAtChain(dead, { signal: new AbortController().signal, limitMs: 1 }) } });
    const detail = "No chain endpoint answered within 0.001 s. Check network and chain.endpoints, and the connection.";
    expect(away.line("chain")).toMatchObject({ status: "fail", detail, advice: expect.stringContaining("CHAIN_UNREACHABLE") });
    expect(away.line("permit")).toMatchObject({ status: "fail", advice: 'See the line "chain".' });
    expect(away.line("database")?.status).toBe("ok");

    const old = await createDevnet({ production: "instant", genesisTimeMs: Date.now() - 86_400_000 });
    try {
      old.produceBlock();
      const { line } = await examine({ settings: { VISION_VALIDATOR_NETWORK: old.url } });
      expect(line("chain")).toMatchObject({ status: "fail", detail: expect.stringContaining("24 h old") });
      expect(line("clock")).toMatchObject({ status: "warn", detail: expect.stringContaining("24 h ahead") });
      expect(line("commit-reveal")).toMatchObject({ status: "warn", detail: expect.stringContaining("can be copied") });
    } finally {
      await old.close();
    }
  });

  it("tells a database that is away, one of a newer program, and one that is still to be made", async () => {
    const away = await examine({ settings: { DATABASE_URL: "postgresql://me:hunter2@127.0.0.1:1/vision" } });
    expect(away.line("database")).toMatchObject({ status: "fail", advice: expect.stringContaining("STORE_UNREACHABLE") });
    expect(JSON.stringify(away.report)).not.toContain("hunter2");
    const newer = await postgres.createDatabase({ isEmpty: true });
    const client = new pg.Client({ connectionString: newer });
    await client.connect();
    await client.query("create table migrations as select 9999::bigint as number");
    await client.end();
    const old = await examine({ settings: { DATABASE_URL: newer } });
    expect(old.line("database")).toMatchObject({ status: "fail", detail: expect.stringContaining("its schema is 9999") });
    const { line } = await examine({ isOwnDatabase: false });
    expect(line("database")).toMatchObject({ status: "ok", detail: "will be made at the first start" });
  });

  it("tells a reference that praises everything, one that is away, and tasks that it cannot check", async () => {
    const praise = { kind: "judged", qualityFraction: 1, reasons: [] } as const;
    const blind = await examine({
      parts: { openReference: () => ({ canCheck: () => true, check: async () => praise, close: async () => undefined }) },
    });
    expect(blind.line("reference")).toMatchObject({
      status: "fail",
      detail: "judges a known answer 1 instead of 1, and a wrong one 1 instead of 0",
    });
    const gone = { canCheck: () => true, check: () => Promise.reject(new Error("worker ended")), close: async () => undefined };
    const ill = await examine({ parts: { openReference: () => gone, canCheck: () => false } });
    expect(ill.line("reference")).toMatchObject({ status: "fail", detail: "worker ended" });
    expect(ill.line("tasks")).toMatchObject({ status: "fail", detail: expect.stringContaining("chat-tiny") });
  });

  it("loads every model that answers are checked against, and tells one that is damaged, away, or too short for its task", async () => {
    const references = [{ kind: "gguf", path: "model.gguf", tasks: ["chat-llama-3-1-8b"], contextTokens: 512 }];
    await writeFile(join(folder, "model.gguf"), "");
    const settings = {
      VISION_VALIDATOR_REFERENCES: JSON.stringify(references),
      VISION_VALIDATOR_TASK_CHANGES: JSON.stringify({ "chat-llama-3-1-8b": { isEnabled: true, contextTokens: 512 } }),
    };
    let closed = 0;
    const model = createEmbeddedModel({ model: "tiny-lm-q8_0" }, { engine, encoderOf: createEncoderCache() });
    const lineOf = async (changes: Partial<ReferenceModel>, other = {}) => {
      const close = async () => {
        closed += 1;
      };
      const { line } = await examine({
        settings: { ...settings, ...other },
        parts: { openModel: () => ({ ...model, close, ...changes }) },
      });
      expect(line("tasks")?.status).toBe("ok");
      return line("reference chat-llama-3-1-8b");
    };
    expect(await lineOf({})).toMatchObject({ status: "ok", detail: "knows how a known text goes on; context of 512 tokens" });
    expect(await lineOf({ encode: async (text) => model.encode(text === " Rome" ? " banana" : " Rome", signal) })).toMatchObject({
      status: "fail",
      advice: expect.stringContaining("Fetch the file again"),
    });
    expect(await lineOf({ facts: () => Promise.reject(new Error("no such file")) })).toMatchObject({
      status: "fail",
      detail: "no such file",
    });
    const longTask = { VISION_VALIDATOR_TASK_CHANGES: JSON.stringify({ "chat-llama-3-1-8b": { isEnabled: true } }) };
    expect(await lineOf({}, longTask)).toMatchObject({
      status: "warn",
      detail: "its context is 512 tokens, and that of chat-llama-3-1-8b 16384: longer answers are not checked",
    });
    expect(closed).toBe(4);
  });

  it("compares the references of one task, and tells of two that are different models", async () => {
    await writeFile(join(folder, "model.gguf"), "");
    const references = [0, 1].map((index) => ({ kind: "gguf", path: "model.gguf", tasks: ["chat-tiny"], threads: index + 1 }));
    const encoderOf = createEncoderCache();
    const lineOf = async (other: Parameters<typeof createEmbeddedModel>[0]["model"]) => {
      const open = (threads: number) => createEmbeddedModel({ model: threads === 1 ? "tiny-lm-q8_0" : other }, { engine, encoderOf });
      const { line } = await examine({
        settings: { VISION_VALIDATOR_REFERENCES: JSON.stringify(references) },
        parts: {
          openModel: (settings) => ({ ...open(settings.kind === "gguf" ? settings.threads : 1), close: async () => undefined }),
        },
      });
      return line("references of chat-tiny");
    };
    expect(await lineOf("tiny-lm-q8_0")).toMatchObject({
      status: "ok",
      detail: "2 references differ by 0.000 nats a token on a known text",
    });
    expect(await lineOf("tiny-lm-small-q8_0")).toMatchObject({
      status: expect.stringMatching(/warn|fail/),
      detail: expect.stringContaining("differ by"),
    });
  });

  it("asks another validator to connect back to the API's port, which nobody holds yet", async () => {
    const peer = await startGateway({}, { options: { arePrivateEndpointsAllowed: true }, callBack });
    try {
      const settings = {
        VISION_VALIDATOR_DOCTOR_PEER: peer.url,
        VISION_VALIDATOR_GATEWAY_HOST: "0.0.0.0",
        VISION_VALIDATOR_GATEWAY_PORT: String(await findFreePort()),
      };
      const { line, exitCode } = await examine({ settings });
      expect(line("gateway port")?.status).toBe("ok");
      expect(line("from outside")).toMatchObject({ status: "ok", detail: expect.stringContaining("arrive here") });
      const closed = { ...settings, VISION_VALIDATOR_GATEWAY_HOST: "127.0.0.7" };
      expect((await examine({ settings: closed })).line("from outside")?.detail).toContain("listens at 127.0.0.7 alone");
      const announced = {
        ...closed,
        VISION_VALIDATOR_CHAIN_ARE_PRIVATE_ENDPOINTS_ALLOWED: "true",
        VISION_VALIDATOR_GATEWAY_ANNOUNCE_HOST: "127.0.0.1",
        VISION_VALIDATOR_GATEWAY_ANNOUNCE_PORT: "1",
      };
      expect((await examine({ settings: announced })).line("from outside")).toMatchObject({
        status: "fail",
        detail: expect.stringContaining("127.0.0.1:1 refuses connections"),
      });
      const away = await examine({ settings: { ...settings, VISION_VALIDATOR_DOCTOR_PEER: "http://127.0.0.1:1" } });
      expect([away.line("from outside")?.status, exitCode, away.exitCode]).toEqual(["warn", 0, 0]);
    } finally {
      await peer.close();
    }
  });

  it("tells a port that a stranger holds", async () => {
    const stranger = createServer((socket) => socket.resume().end("220 smtp\r\n"));
    const port = await new Promise<number>((resolve) => {
      stranger.listen(0, "127.0.0.1", () => {
        const address = stranger.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
    try {
      const { line } = await examine({ settings: { VISION_VALIDATOR_GATEWAY_PORT: String(port) } });
      expect(line("gateway port")).toMatchObject({ status: "fail", advice: expect.stringContaining("gateway.port") });
    } finally {
      await new Promise((resolve) => stranger.close(resolve));
    }
  });
});
