import type { Ask } from "./gateway-asked.js";
import { askMany, holdStreams, type Served } from "./gateway-load.js";
import { leaveMeasuredCore, type MeasuredServer, type Place, type ServersOptions, startServers } from "./gateway-servers.js";

/** What stands between users and answers costs. CPU in microseconds, all threads of its process together; times in milliseconds. */
export type GatewayCost = {
  readonly name: string;
  readonly cpu: {
    readonly jsonOneToken: number;
    readonly json64Tokens: number;
    /** Each further event of a stream whose events come at once. */
    readonly burstEvent: number;
    /** Each event of 64 streams whose events come one every 20 ms. */
    readonly pacedEvent: number;
  };
  /** Requests a second by how many clients ask, each again as soon as it has its answer. */
  readonly perSecond: { readonly oneToken: PerClients; readonly tokens64: PerClients };
  /** One client, answers of one token: beyond what the same takes directly from the model server. */
  readonly addedMs: { readonly p50: number; readonly p99: number; readonly firstByteP50: number };
  /** Gaps between the events of many paced streams held at once, and the direct path's. */
  readonly held: { readonly streams: number; readonly gapP99Ms: number; readonly directGapP99Ms: number };
  readonly memoryMb: { readonly idle: number; readonly peak: number };
};

type PerClients = Readonly<Record<string, number>>;

/** How long it measures. */
export type GatewayMeasuring = ServersOptions & { readonly rounds: number; readonly requests: number; readonly heldStreams: number };

/** All rows, and whether measured processes had a core of their own. */
export type GatewayMeasured = { readonly isPinned: boolean; readonly rows: readonly GatewayCost[] };

const CLIENTS = [8, 32, 128];
const CPU_CLIENTS = 32;
/** Asked of each before anything is measured: what has just started is several times slower. */
const WARM_UP_REQUESTS = 3_000;
const BURST = 64;
const PACED_STREAMS = 64;
const PACED_TOKENS = 150;

const quantile = (values: readonly number[], share: number) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
const median = (values: readonly number[]) => quantile(values, 0.5);

/**
 * Measures the gateway beside others in turns: whatever else the machine does meets all of them. Miners, database, model server and load are
 * processes of their own and are not counted. Medians of the rounds.
 */
export async function measureGateway({ rounds, requests, heldStreams, ...servers }: GatewayMeasuring): Promise<GatewayMeasured> {
  const isPinned = leaveMeasuredCore();
  const { direct, measured, stop } = await startServers(servers);
  try {
    const idle = await Promise.all(measured.map(async (server) => (await server.usage()).rssBytes));
    for (const { place } of measured)
      await askMany(place, { ...oneToken, tokens: BURST }, { connections: CPU_CLIENTS, requests: WARM_UP_REQUESTS });
    const seen = measured.map((): Round[] => []);
    for (let round = 0; round < rounds; round += 1) {
      const alone = await measureAlone(direct, requests);
      const directGapsMs = await holdStreams(direct, heldStreams, PACED_TOKENS);
      for (const [at, server] of measured.entries())
        seen[at]?.push(await measureRound(server, { requests, heldStreams, alone, directGapsMs }));
    }
    const peaks = await Promise.all(measured.map(async (server) => (await server.usage()).peakRssBytes));
    const rows = measured.map(({ name }, at) => {
      const memoryMb = { idle: (idle[at] ?? Number.NaN) / 1e6, peak: (peaks[at] ?? Number.NaN) / 1e6 };
      return { name, ...(medianOf(seen[at] ?? []) as Round), memoryMb };
    });
    return { isPinned, rows };
  } finally {
    await stop();
  }
}

type Round = Omit<GatewayCost, "name" | "memoryMb">;
type Alone = { readonly json: Served; readonly stream: Served };
type RoundOptions = {
  readonly requests: number;
  readonly heldStreams: number;
  readonly alone: Alone;
  readonly directGapsMs: readonly number[];
};

const oneToken: Ask = { tokens: 1, isStream: false };

async function measureRound(server: MeasuredServer, { requests, heldStreams, alone, directGapsMs }: RoundOptions): Promise<Round> {
  const { place } = server;
  /** CPU of the process an item, microseconds. */
  const cpuOf = async (items: number, run: () => Promise<unknown>) => {
    const before = await server.usage();
    await run();
    return ((await server.usage()).cpuMicroseconds - before.cpuMicroseconds) / items;
  };
  const load = async (ask: Ask, connections: number) => {
    let served: Served | null = null;
    const cpu = await cpuOf(requests, async () => {
      served = await askMany(place, ask, { connections, requests });
    });
    return { cpu, perSecond: (served as Served | null)?.perSecond ?? Number.NaN };
  };
  const byClients = async (ask: Ask) => {
    const all = new Map<number, Awaited<ReturnType<typeof load>>>();
    for (const clients of CLIENTS) all.set(clients, await load(ask, clients));
    const perSecond = Object.fromEntries([...all].map(([clients, { perSecond }]) => [String(clients), perSecond]));
    return { perSecond, cpu: all.get(CPU_CLIENTS)?.cpu ?? Number.NaN };
  };

  const one = await byClients(oneToken);
  const many = await byClients({ ...oneToken, tokens: 64 });
  const streamed = await load({ tokens: 1, isStream: true }, CPU_CLIENTS);
  const burst = await load({ tokens: BURST, isStream: true }, CPU_CLIENTS);
  const paced = await cpuOf(PACED_STREAMS, () => holdStreams(place, PACED_STREAMS, PACED_TOKENS));
  const single = await measureAlone(place, requests);
  const gapsMs = await holdStreams(place, heldStreams, PACED_TOKENS);
  const added = (share: number) => quantile(single.json.wholeMs, share) - quantile(alone.json.wholeMs, share);
  return {
    cpu: {
      jsonOneToken: one.cpu,
      json64Tokens: many.cpu,
      burstEvent: (burst.cpu - streamed.cpu) / (BURST - 1),
      pacedEvent: (paced - streamed.cpu) / (PACED_TOKENS - 1),
    },
    perSecond: { oneToken: one.perSecond, tokens64: many.perSecond },
    addedMs: { p50: added(0.5), p99: added(0.99), firstByteP50: median(single.stream.firstByteMs) - median(alone.stream.firstByteMs) },
    held: { streams: heldStreams, gapP99Ms: quantile(gapsMs, 0.99), directGapP99Ms: quantile(directGapsMs, 0.99) },
  };
}

async function measureAlone(place: Place, requests: number): Promise<Alone> {
  const json = await askMany(place, oneToken, { connections: 1, requests });
  return { json, stream: await askMany(place, { ...oneToken, isStream: true }, { connections: 1, requests }) };
}

/** The median of every number of documents of one shape. */
function medianOf(documents: readonly unknown[]): unknown {
  const [first] = documents;
  if (typeof first === "number") return median(documents as readonly number[]);
  const names = Object.keys(first as object);
  return Object.fromEntries(names.map((name) => [name, medianOf(documents.map((each) => (each as Record<string, unknown>)[name]))]));
}
