import { type ChainReport, createRegistry, type TaskRegistry } from "@vision/protocol";
import type { ApiKeyRecord } from "../domain/records/index.js";
import { emptyRoutingRecord } from "../domain/routing-record.js";
import { createApiKey } from "../gateway/api-key.js";
import { createGateway, type Gateway, type GatewayOptions } from "../gateway/create-gateway.js";
import type { CallBack, Candidate, FetchFile, Health, PageFiles, PromptCounter, UsageSpool } from "../ports/index.js";
import { aVerdictSigner } from "./a-verdict-signer.js";
import { type FakeMiner, fakeExchange } from "./fake-exchange.js";
import { aLiveReport } from "./live-samples.js";
import { createManualClock } from "./manual-clock.js";
import { createMemoryStore } from "./memory-store.js";
import { recordingLogger } from "./recording-logger.js";
import { createRecordingMetrics } from "./recording-metrics.js";

/** A gateway on a free port in front of fake miners, all of which serve every task; the first is the best. */
export type GatewayFixture = {
  readonly gateway: Gateway;
  readonly url: string;
  readonly store: ReturnType<typeof createMemoryStore>;
  readonly clock: ReturnType<typeof createManualClock>;
  readonly logger: ReturnType<typeof recordingLogger>;
  readonly metrics: ReturnType<typeof createRecordingMetrics>;
  readonly exchange: ReturnType<typeof fakeExchange>;
  setHealth(health: Health): void;
  /** Whether too little is known of the core. */
  setCutOff(isCutOff: boolean): void;
  /** Work units that each miner has free. */
  setFree(units: number): void;
  /** Work units that each miner offers for the whole period. */
  setBudget(units: number): void;
  /** Time after which a first token is late; never at first. */
  setFirstTokenBudget(ms: number): void;
  /** What was read of the subnet; nothing at first. */
  setChain(report: ChainReport): void;
  /** Makes a key and returns its text. */
  addKey(
    changes?: Partial<
      Pick<
        ApiKeyRecord,
        "id" | "requestsPerMinute" | "tokensPerMinute" | "concurrentRequests" | "sharesRequests" | "monthlyUnits" | "paidUnits"
      >
    >,
  ): Promise<string>;
  /** Asks for a chat's answer and reads it. Returns the status. */
  askChat(key: string, changes?: object): Promise<number>;
  close(): Promise<void>;
};

/** Settings as the configuration has them by default, on a free port. */
export const gatewayDefaults: GatewayOptions = {
  ...{ host: "127.0.0.1", port: 0, maxAttempts: 3, affinityFactor: 1, hedgeFraction: 0.05, apiKeyCacheMs: 5_000 },
  ...{
    corsOrigins: ["*"],
    minerNames: {},
    trustedProxies: ["127.0.0.0/8"],
    maxConnectionsPerAddress: 1_000,
    strangerRequestsPerMinute: 600,
    callBacksPerMinute: 60,
    pictureHosts: [],
    arePrivateEndpointsAllowed: false,
  },
  keepAliveMs: 2_000,
};

/** Starts it. */
export async function startGateway(
  miners: Readonly<Record<string, FakeMiner>>,
  {
    registry = createRegistry(),
    promptCounter = { count: async () => ({ kind: "unknown" }), textOf: async () => ({ kind: "unknown" }) },
    options = {},
    page = new Map(),
    callBack = async () => ({ tcp: "refused", tls: "notTried", certificateSha256Hex: null }),
    fetchFile = async () => ({ ok: false, reason: "it is not there" }),
    store = createMemoryStore(),
    clock = createManualClock(),
    usageSpool = null,
  }: {
    readonly registry?: TaskRegistry;
    readonly promptCounter?: PromptCounter;
    readonly options?: Partial<GatewayOptions>;
    readonly page?: PageFiles;
    /** Nobody is there at first. */
    readonly callBack?: CallBack;
    readonly fetchFile?: FetchFile;
    /** Of a validator that has other gateways, too. */
    readonly store?: GatewayFixture["store"];
    readonly clock?: GatewayFixture["clock"];
    readonly usageSpool?: UsageSpool | null;
  } = {},
): Promise<GatewayFixture> {
  const logger = recordingLogger();
  const metrics = createRecordingMetrics();
  const exchange = fakeExchange(miners);
  let health: Health = { isAlive: true, isReady: true };
  let isCutOff = false;
  let free = 100_000;
  let budget = 100_000;
  let firstTokenBudgetMs: number | null = null;
  let chain: ChainReport | null = null;
  const hotkeys = Object.keys(miners);
  const candidates = (taskId: string): readonly Candidate[] =>
    hotkeys.map((hotkey, index) => ({
      target: { hotkey, host: "127.0.0.1", port: 1 + index },
      taskId,
      capacityPerHour: 100_000,
      sampler: "unknown",
      record: { ...emptyRoutingRecord, quality: 1 - index / 10 },
    }));
  const gateway = createGateway(
    { ...gatewayDefaults, ...options },
    {
      exchange,
      routing: {
        registry: () => registry,
        task: (taskId) => registry.get(taskId) ?? null,
        candidates,
        firstTokenBudgetMs: () => firstTokenBudgetMs,
        target: () => null,
        sampler: () => "unknown",
        currentPeriod: () => 7,
      },
      verdicts: await aVerdictSigner(),
      page,
      callBack,
      fetchFile,
      liveView: { live: () => aLiveReport(clock.nowMs()), chain: () => chain },
      ledger: { budget: () => budget, free: () => free, freeFraction: () => 1, inFlight: () => 0 },
      store,
      clock,
      logger,
      metrics,
      usageSpool,
      promptCounter,
      // The first two are compared, and the first is the better one.
      random: { next: () => 0, nextInt: () => 0 },
      health: () => health,
      isCutOff: () => isCutOff,
    },
  );
  const url = await gateway.listen();
  let keys = 0;
  return {
    ...{ gateway, url, store, clock, logger, metrics, exchange },
    setHealth: (next) => {
      health = next;
    },
    setCutOff: (next) => {
      isCutOff = next;
    },
    setFree: (units) => {
      free = units;
    },
    setBudget: (units) => {
      budget = units;
    },
    setFirstTokenBudget: (ms) => {
      firstTokenBudgetMs = ms;
    },
    setChain: (report) => {
      chain = report;
    },
    async addKey(changes = {}) {
      const id = `key-${keys}`;
      keys += 1;
      const { key, prefix, sha256Hex } = createApiKey();
      const limits = { requestsPerMinute: 1_000, tokensPerMinute: null, concurrentRequests: 1_000 };
      await store.createApiKey({ ...{ id, name: "test", prefix, sha256Hex, who: "a test", nowMs: clock.nowMs() }, ...limits, ...changes });
      return key;
    },
    async askChat(key, changes = {}) {
      const chat = { model: "chat-tiny", messages: [{ role: "user", content: "hi" }], max_tokens: 20 };
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
        body: JSON.stringify({ ...chat, ...changes }),
      });
      await response.text();
      return response.status;
    },
    close: () => gateway.close(),
  };
}
