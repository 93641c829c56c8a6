import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { createRegistry } from "@vision/protocol";
import { createSystemClock } from "../src/adapters/clock.js";
import { createSharedLedger } from "../src/adapters/ledger-shared.js";
import { openPostgresStore } from "../src/adapters/postgres/index.js";
import { createApiKey } from "../src/gateway/index.js";
import { createMinerBoard } from "../src/services/miner-board.js";
import { aVerdictSigner } from "../src/testing/a-verdict-signer.js";
import { chatEvents, fakeExchange } from "../src/testing/fake-exchange.js";
import { gatewayDefaults } from "../src/testing/gateway-fixture.js";
import { aLiveReport } from "../src/testing/live-samples.js";
import { recordingLogger } from "../src/testing/recording-logger.js";
import { createRecordingMetrics } from "../src/testing/recording-metrics.js";
import { startTestPostgres } from "../src/testing/test-postgres.js";
import { createGatewayThread } from "../src/threads/gateway-thread.js";
import { createProberThread } from "../src/threads/prober-thread.js";
import type { Load } from "./strangers-load.js";

/** What an honest miner's answers looked like while somebody else was hostile. Times in milliseconds, standstills in seconds by thread. */
export type IsolationResult = {
  readonly hostile: string;
  readonly asked: number;
  readonly okCount: number;
  readonly inconclusive: number;
  readonly p50FirstTokenMs: number;
  readonly p99FirstTokenMs: number;
  readonly coreLoopP99Ms: number;
  readonly standstillSecondsTotal: Readonly<Record<string, number>>;
};

type MinerAt = { readonly hotkey: string; readonly port: number };

const SECONDS = 8;
const ASK_GAP_MS = 20;
const HOSTILE_AT_ONCE = 8;

const found = createRegistry().get("chat-tiny");
if (found === undefined) throw new Error("no chat-tiny");
const task = found;
const request = { model: "chat-tiny", messages: [{ role: "user", content: "Hi" }], max_tokens: 40 };

/** Measures an honest miner in a calm, beside eight keyless senders of 4 MB bodies, and beside a hostile miner that is asked eight times at once. */
export async function measureIsolation(paths: Readonly<Record<"prober" | "gateway" | "honest" | "hostile" | "load", string>>) {
  const children: ChildProcess[] = [];
  const start = async <Hello>(path: string): Promise<{ readonly child: ChildProcess; readonly hello: Hello }> => {
    const child = fork(path);
    children.push(child);
    const [hello] = (await once(child, "message")) as [Hello];
    return { child, hello };
  };
  const { hello: honest } = await start<MinerAt>(paths.honest);
  const { hello: hostile } = await start<MinerAt>(paths.hostile);
  const { child: load } = await start<string>(paths.load);
  const postgres = await startTestPostgres();
  const [logger, metrics, clock] = [recordingLogger(), createRecordingMetrics(), createSystemClock()];
  const databaseUrl = await postgres.createDatabase();
  const store = await openPostgresStore({ url: databaseUrl, maxConnections: 1 }, { logger });
  const { key, ...stored } = createApiKey();
  const limits = { requestsPerMinute: 10_000_000, tokensPerMinute: null, concurrentRequests: 1_000 };
  await store.createApiKey({ id: "one", name: "one", ...limits, who: "a test", nowMs: Date.now(), ...stored });
  const board = createMinerBoard(createRegistry());
  const ledger = createSharedLedger();
  ledger.startPeriod([{ hotkey: "alice", taskId: task.id, units: 1e9 }]);
  board.startPeriod(1, [
    { target: { hotkey: "alice", host: "127.0.0.1", port: 1 }, taskId: task.id, capacityPerHour: 1e9, sampler: "gumbel-murmur3" },
  ]);
  const gateway = createGatewayThread(
    { gateway: { ...gatewayDefaults }, logLevel: "error", maxConnections: 2, moduleUrl: pathToFileURL(paths.gateway) },
    {
      ...{ ledger, routing: board, clock, logger, metrics, verdicts: await aVerdictSigner() },
      exchange: fakeExchange({ alice: () => ({ events: chatEvents(["Hello", " there"]) }) }),
      liveView: { live: () => aLiveReport(1), chain: () => null },
      health: () => ({ isAlive: true, isReady: true }),
      databaseUrl: () => databaseUrl,
      onPeriodStarted: () => () => undefined,
    },
  );
  const prober = createProberThread(
    {
      moduleUrl: pathToFileURL(paths.prober),
      data: {
        ...{ hotkeySource: { hotkey: { uri: "//validator" } }, environment: {} },
        ...{ controlTimeoutMs: 10_000, logLevel: "error" },
      },
    },
    { clock, logger, metrics },
  );
  const at = ({ hotkey, port }: MinerAt) => ({ hotkey, host: "127.0.0.1", port });
  const { signal } = new AbortController();

  async function measure(name: string, disturb: (untilMs: number) => Promise<unknown>): Promise<IsolationResult> {
    const standing = (values: ReadonlyMap<string, number>) =>
      new Map([...values].filter(([label]) => label.startsWith("standstillSecondsTotal")));
    const before = standing(metrics.values);
    const untilMs = performance.now() + SECONDS * 1_000;
    const disturbing = disturb(untilMs);
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const firstTokensMs: number[] = [];
    let [asked, okCount, inconclusive] = [0, 0, 0];
    while (performance.now() < untilMs) {
      const { reply, wasDelayed } = await prober.ask({ target: at(honest), task, request, signal });
      asked += 1;
      if (wasDelayed) inconclusive += 1;
      if (reply.outcome === "ok") {
        okCount += 1;
        firstTokensMs.push(reply.firstTokenMs ?? Number.NaN);
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_GAP_MS));
    }
    delay.disable();
    await disturbing;
    firstTokensMs.sort((a, b) => a - b);
    const atFraction = (fraction: number) => firstTokensMs[Math.floor(fraction * (firstTokensMs.length - 1))] ?? Number.NaN;
    const standstillSecondsTotal = Object.fromEntries(
      [...standing(metrics.values)].map(([label, seconds]) => [
        label.slice("standstillSecondsTotal ".length),
        seconds - (before.get(label) ?? 0),
      ]),
    );
    return {
      ...{ hostile: name, asked, okCount, inconclusive, standstillSecondsTotal },
      ...{ p50FirstTokenMs: atFraction(0.5), p99FirstTokenMs: atFraction(0.99), coreLoopP99Ms: delay.percentile(99) / 1e6 },
    };
  }

  try {
    const [url] = await Promise.all([gateway.listen(), prober.start()]);
    await measure("warm-up", async () => undefined);
    const senders = async () => {
      load.send({ url, key, strangers: 8, seconds: SECONDS } satisfies Load);
      await once(load, "message");
    };
    const miner = (untilMs: number) =>
      Promise.all(
        Array.from({ length: HOSTILE_AT_ONCE }, async () => {
          while (performance.now() < untilMs) await prober.ask({ target: at(hostile), task, request, signal });
        }),
      );
    return [
      await measure("nobody", async () => undefined),
      await measure("eight senders", senders),
      await measure("a miner", miner),
      await measure("nobody again", async () => undefined),
    ];
  } finally {
    await Promise.all([gateway.close(), prober.close(), store.close()]);
    await postgres.stop();
    for (const child of children) child.disconnect();
  }
}
