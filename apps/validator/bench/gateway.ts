import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { Pool } from "undici";
import { startTestPostgres } from "../src/testing/test-postgres.js";
import type { ProcessUsage } from "./process-usage.js";

/** What a process between users and answers costs. CPU in microseconds, all its threads together. */
export type GatewayCost = {
  readonly name: string;
  readonly jsonOneToken: number;
  readonly json64Tokens: number;
  readonly streamedChunk: number;
  readonly requestsPerSecond64Tokens: number;
  readonly p50Ms64Tokens: number;
  readonly peakRssMegabytes: number;
};

type Place = { readonly url: string; readonly key: string };
type Server = { readonly name: string; readonly child: ChildProcess; readonly place: Place };
type Ask = { readonly tokens: number; readonly isStream: boolean };

/** How long it measures, and where CPU profiles of the gateway's threads go, one file each; null for none. */
export type GatewayMeasuring = { readonly rounds: number; readonly requests: number; readonly profileFolder: string | null };

const CONNECTIONS = 32;
/** As many requests, of those that are measured, run before them. */
const WARM_UP_FRACTION = 2 / 3;
const STREAMED = 64;

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/**
 * Measures the gateway and a bare pass-through in turns: whatever else the machine does meets both. Miners, the database and the load are
 * processes of their own and are not counted.
 */
export async function measureGateway(
  paths: Readonly<Record<string, string>>,
  measuring: GatewayMeasuring,
): Promise<readonly GatewayCost[]> {
  const children: ChildProcess[] = [];
  const start = async <Hello>(name: string, environment: Readonly<Record<string, string>>, execArgv: readonly string[] = []) => {
    const child = fork(paths[name] ?? "", { env: { ...process.env, ...environment }, execArgv: [...execArgv] });
    children.push(child);
    const [hello] = (await once(child, "message")) as [Hello];
    return { child, hello };
  };
  const postgres = await startTestPostgres();
  try {
    const miners = [];
    for (const uri of ["//miner", "//miner2"]) miners.push((await start("miner", { ANSWER_TOKENS: "asked", MINER_URI: uri })).hello);
    const { hello: upstreamPort } = await start<number>("upstream", {});
    const through = await start<Place>("passThrough", { UPSTREAM_PORT: String(upstreamPort) });
    const { profileFolder } = measuring;
    const gateway = await start<Place>(
      "process",
      {
        ...{ MINERS: JSON.stringify(miners), DATABASE: await postgres.createDatabase() },
        ...{ GATEWAY_MODULE: paths["gatewayThread"] ?? "", PROBER_MODULE: paths["proberThread"] ?? "" },
      },
      profileFolder === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileFolder}`],
    );
    const servers: readonly Server[] = [
      { name: "gateway", child: gateway.child, place: gateway.hello },
      { name: "node:http pass-through", child: through.child, place: through.hello },
    ];
    return await measureServers(servers, measuring);
  } finally {
    for (const child of children) child.disconnect();
    await postgres.stop();
  }
}

async function measureServers(servers: readonly Server[], { rounds, requests }: GatewayMeasuring): Promise<readonly GatewayCost[]> {
  const asks: readonly Ask[] = [
    { tokens: 1, isStream: false },
    { tokens: 64, isStream: false },
    { tokens: 1, isStream: true },
    { tokens: STREAMED, isStream: true },
  ];
  const rows = servers.map((server) => ({
    server,
    pool: new Pool(server.place.url, { connections: CONNECTIONS }),
    seen: asks.map(() => [] as Cost[]),
  }));
  let peaks = servers.map(() => 0);
  for (let round = 0; round < rounds; round += 1) {
    for (const [at, ask] of asks.entries()) {
      for (const { server, pool, seen } of rows) {
        await load(pool, server.place.key, ask, Math.round(requests * WARM_UP_FRACTION));
        const before = await usageOf(server.child);
        const startedAtMs = performance.now();
        const latenciesMs = await load(pool, server.place.key, ask, requests);
        const seconds = (performance.now() - startedAtMs) / 1_000;
        const after = await usageOf(server.child);
        peaks = peaks.map((peak, index) => (rows[index]?.server === server ? Math.max(peak, after.rssBytes) : peak));
        const cpuMicroseconds = (after.cpuMicroseconds - before.cpuMicroseconds) / requests;
        seen[at]?.push({ cpuMicroseconds, perSecond: requests / seconds, p50Ms: median(latenciesMs) });
      }
    }
  }
  await Promise.all(rows.map(({ pool }) => pool.close()));
  return rows.map(({ server, seen }, index) => {
    const of = (at: number, what: keyof Cost) => median((seen[at] ?? []).map((cost) => cost[what]));
    return {
      name: server.name,
      jsonOneToken: of(0, "cpuMicroseconds"),
      json64Tokens: of(1, "cpuMicroseconds"),
      streamedChunk: (of(3, "cpuMicroseconds") - of(2, "cpuMicroseconds")) / (STREAMED - 1),
      requestsPerSecond64Tokens: of(1, "perSecond"),
      p50Ms64Tokens: of(1, "p50Ms"),
      peakRssMegabytes: (peaks[index] ?? Number.NaN) / 1e6,
    };
  });
}

type Cost = { readonly cpuMicroseconds: number; readonly perSecond: number; readonly p50Ms: number };

async function usageOf(child: ChildProcess): Promise<ProcessUsage> {
  child.send("usage");
  const [usage] = (await once(child, "message")) as [ProcessUsage];
  return usage;
}

async function load(pool: Pool, key: string, { tokens, isStream }: Ask, count: number): Promise<readonly number[]> {
  const latenciesMs: number[] = [];
  let asked = 0;
  const worker = async () => {
    while (asked < count) {
      asked += 1;
      const content = `Question ${asked}`;
      const body = JSON.stringify({ model: "chat-tiny", messages: [{ role: "user", content }], max_tokens: tokens, stream: isStream });
      const startedAtMs = performance.now();
      const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
      const answer = await pool.request({ path: "/v1/chat/completions", method: "POST", headers, body });
      const text = await answer.body.text();
      if (answer.statusCode !== 200) throw new Error(`status ${answer.statusCode}: ${text}`);
      if (isStream && !text.endsWith("data: [DONE]\n\n")) throw new Error(`a stream without an end: ${text.slice(-200)}`);
      latenciesMs.push(performance.now() - startedAtMs);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  return latenciesMs;
}
