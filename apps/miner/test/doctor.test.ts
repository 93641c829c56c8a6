import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createDevnet, type Devnet } from "@vision/devnet";
import { type DoctorReport, doctorReportSchema } from "@vision/program";
import { createMemoryTerminal } from "@vision/program/testing";
import { defaultTasks, silentLogger } from "@vision/sdk";
import { startFakeModelServer } from "@vision/sdk/testing";
import { doctorOfMiner } from "../src/commands/doctor-command.js";
import { type MinerConfig, minerConfigSchema } from "../src/config/miner-config.js";
import { judgePublished } from "../src/doctor/judge-published.js";
import { startMiner } from "../src/start-miner.js";

const netuid = 2;
const tasks = { "chat-tiny": { capacityPerHour: 1_000 } };
const backends = { local: { kind: "tiny" } };
const hotkey = { uri: "//Alice//hotkey", areDevKeysAllowed: true };
const listen = { host: "127.0.0.1", port: 0 };

/** The command itself against a development node and model servers, good and bad. */
describe("vision-miner doctor", () => {
  let devnet: Devnet;
  beforeAll(async () => {
    const neurons = [{ hotkey: "//Alice//hotkey", coldkey: "//Alice" }];
    devnet = await createDevnet({ production: "instant", subnets: [{ netuid, neurons }] });
    devnet.produceBlock();
  });
  afterAll(() => devnet.close());

  const configOf = (changes: Readonly<Record<string, unknown>> = {}): MinerConfig =>
    minerConfigSchema.parse({ updates: { isLookedFor: false }, hotkey, listen, tasks, backends, network: devnet.url, netuid, ...changes });

  async function examine(changes: Readonly<Record<string, unknown>> = {}) {
    const terminal = createMemoryTerminal();
    const exitCode = await doctorOfMiner({ settings: configOf(changes), folder: "/" }, { isJson: true }, { terminal, environment: {} });
    const report = doctorReportSchema.parse(JSON.parse(terminal.printed.join("\n")));
    return { exitCode, report, line: (name: string) => report.lines.find(({ check }) => check === name) };
  }
  const bad = (report: DoctorReport) => report.lines.filter(({ status }) => status !== "ok").map(({ check }) => check);

  it("looks at everything, and says that nothing is published before the miner has run", async () => {
    const { exitCode, report, line } = await examine();
    expect(report.lines.map(({ check }) => check)).toEqual([
      ...["wallet", "names", "clock", "chain", "registration", "endpoint", "port", "from outside", "backend local"],
    ]);
    expect({ exitCode, bad: bad(report) }).toEqual({ exitCode: 1, bad: ["endpoint"] });
    expect(line("endpoint")).toMatchObject({
      detail: expect.stringContaining("none is published"),
      advice: expect.stringContaining("chain.announce"),
    });
  });

  it("finds nothing where the miner runs, and knows its port for its own", async () => {
    let published: () => void = () => {};
    const isPublished = new Promise<void>((resolve) => {
      published = resolve;
    });
    const logger = { ...silentLogger, info: (message: string) => (message === "Endpoint published" ? published() : undefined) };
    const surroundings = { baseDirectory: "/", environment: {}, logger };
    const first = await startMiner(configOf(), surroundings);
    await first.close();
    const running = { listen: { host: "127.0.0.1", port: first.port }, chain: { announce: { host: "127.0.0.2", port: first.port } } };
    const server = await startMiner(configOf(running), surroundings);
    try {
      await isPublished;
      const { exitCode, report, line } = await examine(running);
      expect({ exitCode, bad: bad(report) }).toEqual({ exitCode: 0, bad: [] });
      expect(line("port")?.detail).toContain("this miner listens");
      expect(line("from outside")?.detail).toContain("doctor.peer names no validator");
      const seen = await peerSees(first.port);
      try {
        const outside = async (certificate: "own" | "another") =>
          (await examine({ ...running, doctor: { peer: seen[certificate] } })).line("from outside");
        expect(await outside("own")).toMatchObject({
          status: "ok",
          detail: expect.stringContaining(`127.0.0.2:${first.port} proves itself`),
        });
        expect(await outside("another")).toMatchObject({ status: "fail", detail: expect.stringContaining("another certificate") });
      } finally {
        seen.close();
      }
      const other = await examine({ ...running, hotkey: { ...hotkey, uri: "//Bob" } });
      expect(other.line("port")).toMatchObject({ status: "fail", detail: expect.stringContaining("another miner") });
      expect(other.line("registration")).toMatchObject({ status: "fail", advice: "Register it: vision-miner register" });
    } finally {
      await server.close();
    }
  });

  it("says that a newer version is out, in a line that fails nothing", async () => {
    const registry = createServer((_request, response) => response.end(JSON.stringify({ latest: "99.0.0" })));
    await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
    const address = registry.address();
    try {
      const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
      const { report, line } = await examine({ updates: { registry: url } });
      expect(line("version")).toMatchObject({ status: "warn", detail: `${report.version}; 99.0.0 is out` });
      expect((await examine({ updates: { registry: "http://127.0.0.1:1" } })).line("version")?.status).toBe("ok");
    } finally {
      registry.closeAllConnections();
      registry.close();
    }
  });

  it("tells a model server that is away, one without the model, and one with too short a context", async () => {
    const llama = defaultTasks.find(({ contextTokens = 0 }) => contextTokens > 4_096);
    if (llama === undefined) throw new Error("no task with a long context");
    const [without, short] = await Promise.all([
      startFakeModelServer({ models: ["other"] }),
      startFakeModelServer({ models: [llama.model], contextTokens: 4_096 }),
    ]);
    try {
      const serve = (baseUrl: string) => ({
        tasks: { [llama.id]: { capacityPerHour: 1_000 } },
        backends: { gpu: { kind: "openai-compatible", baseUrl } },
      });
      const line = async (baseUrl: string) => (await examine(serve(baseUrl))).line("backend gpu");
      expect(await line("http://127.0.0.1:1/v1")).toMatchObject({ status: "fail", detail: expect.stringContaining("ECONNREFUSED") });
      expect(await line(without.baseUrl)).toMatchObject({ status: "fail", detail: expect.stringContaining("does not have") });
      expect(await line(short.baseUrl)).toMatchObject({
        status: "fail",
        detail: expect.stringContaining("4096"),
        advice: expect.stringContaining(`--max-model-len ${llama.contextTokens}`),
      });
    } finally {
      await Promise.all([without.close(), short.close()]);
    }
  });

  it("only warns of a miner that is on no chain", async () => {
    const { exitCode, report } = await examine({ network: undefined, netuid: undefined });
    expect({ exitCode, status: report.status, bad: bad(report) }).toEqual({ exitCode: 0, status: "warn", bad: ["chain"] });
  });
});

/** A validator that says what it would see at a port: the certificate that is there, or another. */
async function peerSees(port: number) {
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const own = socket.getPeerX509Certificate()?.fingerprint256.replaceAll(":", "").toLowerCase();
  socket.destroy();
  const peer = createServer((request, response) => {
    const certificateSha256Hex = request.url?.startsWith("/another/") ? "ab".repeat(32) : own;
    response.end(JSON.stringify({ address: "127.0.0.1", port, tcp: "accepted", tls: "completed", certificateSha256Hex, durationMs: 3 }));
  });
  await new Promise<void>((resolve) => peer.listen(0, "127.0.0.1", resolve));
  const address = peer.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  return { own: url, another: `${url}/another/`, close: () => peer.close() };
}

describe("judgePublished", () => {
  const published = { host: "203.0.113.7", port: 8_091 };
  const answers = { kind: "answers", hotkey: "me", tasks: ["chat-tiny"] } as const;
  const judge = (changes: Partial<Parameters<typeof judgePublished>[0]>) =>
    judgePublished({ published, configured: published, probe: answers, hotkey: "me", ...changes });

  it("fails where validators look elsewhere or find another, and only warns where the answer may be lost on the way back in", () => {
    expect(judge({}).status).toBe("ok");
    expect(judge({ configured: { ...published, port: 1 } }).status).toBe("fail");
    expect(judge({ probe: { ...answers, hotkey: "another" } }).status).toBe("fail");
    expect(judge({ probe: { kind: "fails", reason: "nothing answered in time" } }).status).toBe("warn");
  });
});
