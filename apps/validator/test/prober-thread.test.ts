import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type AnswerPart, createRegistry, PROTOCOL_VERSION } from "@vision/protocol";
import { createMiner, silentLogger } from "@vision/sdk";
import { type MinerServer, serve } from "@vision/sdk/node";
import { createFakeBackend, fakeAnswer } from "@vision/sdk/testing";
import { createHotkeyFromUri, ready } from "@vision/signing";
import { createSystemClock } from "../src/adapters/clock.js";
import { recordingLogger } from "../src/testing/recording-logger.js";
import { createRecordingMetrics } from "../src/testing/recording-metrics.js";
import type { ProberThreadData } from "../src/threads/prober-messages.js";
import { createProberThread } from "../src/threads/prober-thread.js";
import { appDir, bundlePrograms } from "./bundle-programs.js";

const task = createRegistry().get("chat-tiny");
if (task === undefined) throw new Error("no chat-tiny");
const data: ProberThreadData = {
  ...{ hotkeySource: { hotkey: { uri: "//Validator" } }, environment: {} },
  ...{ controlTimeoutMs: 10_000, logLevel: "error" },
};
const request = { model: "chat-tiny", messages: [{ role: "user" as const, content: "Hi" }], max_tokens: 40 };
const { signal } = new AbortController();

function setUp(moduleUrl: URL, changes: object = {}) {
  const logger = recordingLogger();
  const metrics = createRecordingMetrics();
  const thread = createProberThread({ moduleUrl, data: { ...data, ...changes } }, { clock: createSystemClock(), logger, metrics });
  return { thread, logger, metrics };
}

describe("createProberThread", () => {
  let bundle: Awaited<ReturnType<typeof bundlePrograms>>;
  let server: MinerServer;
  const hotkey = () => createHotkeyFromUri("//Miner");
  beforeAll(async () => {
    await ready();
    const backend = createFakeBackend({ script: (call) => fakeAnswer(call, "Hello there") });
    const miner = createMiner({ hotkey: hotkey(), tasks: { "chat-tiny": { capacityPerHour: 1e6 } }, backend, logger: silentLogger });
    [bundle, server] = await Promise.all([bundlePrograms("threads.tsup.config.mjs"), serve(miner, { host: "127.0.0.1", port: 0 })]);
  });
  afterAll(() => Promise.all([bundle.remove(), server.close()]), 60_000);

  it("asks miners, hands over what comes, and the answer where it is wanted", async () => {
    const { thread } = setUp(pathToFileURL(join(bundle.folder, "prober-thread.js")));
    await thread.start();
    const target = { hotkey: hotkey().address, host: "127.0.0.1", port: server.port };
    const survey = { protocolVersion: PROTOCOL_VERSION, periodMs: 60_000, tasks: [task] };
    expect(await thread.getCapacities(target, survey, { signal })).toMatchObject({ ok: true });
    const seen: AnswerPart[] = [];
    const asked = await thread.ask({ target, task, request, signal, onParts: (parts) => void seen.push(...parts) });
    expect({ ...asked.reply, answer: asked.readAnswer() }).toMatchObject({
      outcome: "ok",
      workUnits: 3,
      answer: { kind: "text", text: "Hello there" },
    });
    expect(asked.reply).not.toHaveProperty("answer");
    expect(seen.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join("")).toBe("Hello there");
    const hidden: AnswerPart[] = [];
    const onParts = (parts: readonly AnswerPart[]) => void hidden.push(...parts);
    const unseen = await thread.ask({ target, task, request, areTokensShown: false, signal, onParts });
    // Without what tokens hold; their number stays, and the answer that is checked is whole.
    const numberOf = (parts: readonly AnswerPart[]) => parts.flatMap((part) => (part.kind === "tokens" ? part.tokens : [])).length;
    expect([numberOf(hidden), numberOf(seen)]).toEqual([3, 3]);
    expect(hidden.filter(({ kind }) => kind !== "tokens")).toEqual(seen.filter(({ kind }) => kind !== "tokens"));
    expect(JSON.stringify(hidden)).not.toContain('"logprob":-');
    expect(unseen.readAnswer()).toEqual(asked.readAnswer());
    expect(unseen.shown).toMatchObject({ kind: "text", text: "Hello there", tokens: [] });
    const gone = new AbortController();
    gone.abort();
    expect((await thread.ask({ target, task, request, signal: gone.signal })).reply).toMatchObject({ outcome: "failed", blame: "nobody" });
    await thread.close();
  });

  it("a bug in reading answers would have ended the validator: it is started again, and no miner is blamed", async () => {
    const starts = new SharedArrayBuffer(4);
    const { thread, logger, metrics } = setUp(pathToFileURL(join(appDir, "test", "fixtures", "crashing-prober.mjs")), { starts });
    await thread.start();
    const target = { hotkey: "alice", host: "127.0.0.1", port: 1 };
    const asked = await thread.ask({ target, task, request, signal });
    expect(asked.reply).toMatchObject({ outcome: "failed", stage: "request", blame: "validator" });
    // What is asked while there is no thread waits for the next one, unless whoever asks gives up.
    const gone = new AbortController();
    const left = thread.ask({ target, task, request, signal: gone.signal });
    gone.abort();
    expect((await left).reply).toMatchObject({ outcome: "failed", stage: "cancelled", blame: "nobody" });
    const survey = { protocolVersion: PROTOCOL_VERSION, periodMs: 60_000, tasks: [task] };
    expect(await thread.getCapacities(target, survey, { signal })).toMatchObject({ reason: "answered" });
    expect(metrics.values.get('threadRestartsTotal {"thread":"prober"}')).toBe(1);
    expect(logger.lines.filter(({ level }) => level === "error")).toHaveLength(1);
    await thread.close();
  });

  it("tells why it cannot start", async () => {
    const { thread } = setUp(pathToFileURL(join(bundle.folder, "prober-thread.js")), { hotkeySource: { hotkey: { seedFile: "nowhere" } } });
    await expect(thread.start()).rejects.toMatchObject({ code: "SIGNING_INVALID_KEY" });
    await thread.close();
  });
});
