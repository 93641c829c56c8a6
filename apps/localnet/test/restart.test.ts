import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { findFreePort } from "@vision/program";
import { liveReportSchema } from "@vision/protocol";
import { ready } from "@vision/signing";
import { createGatewayClient } from "../src/gateway-client.js";
import { createLocalMiners, createLocalValidator } from "../src/identities.js";
import { createMinerConfig } from "../src/miner-config.js";
import { sendOrganicRound } from "../src/organic.js";
import { type Program, startProgram } from "../src/processes.js";
import { type LocalChain, NETUID, startChain } from "../src/start-chain.js";
import { draftChats } from "../src/subnet.js";
import { createValidatorConfig } from "../src/validator-config.js";
import { createWorkspace, type Workspace } from "../src/workspace.js";
import { findEmptyPanels } from "./find-empty-panels.js";
import { hasPrometheus, type Prometheus, startPrometheus } from "./prometheus.js";
import { processesWith } from "./run-program.js";

const PERIOD_MS = 20_000;
const apps = join(import.meta.dirname, "..", "..");

async function until<Value>(what: string, timeoutMs: number, read: () => Promise<Value | null>): Promise<Value> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (value !== null) return value;
    if (performance.now() > deadlineMs) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}.`);
    await sleep(50);
  }
}

describe("a validator and a miner as programs", () => {
  let workspace: Workspace;
  let chain: LocalChain;
  let baseUrl = "";
  let metricsTargets: Readonly<Record<string, string>> = {};
  let prometheus: Prometheus | null = null;
  const programs: Program[] = [];

  const startValidator = () => {
    const program = startProgram({
      name: "validator",
      script: join(apps, "validator", "dist", "main.js"),
      args: ["run", "--config", workspace.file("validator.json")],
      logFile: join(workspace.logs, "validator.log"),
    });
    programs.push(program);
    return program;
  };
  const currentPeriod = async () => {
    try {
      const response = await fetch(`${baseUrl}/health`);
      const body = (await response.json()) as { readonly period: number | null };
      return body.period;
    } catch {
      return null;
    }
  };
  const runningPeriod = async () => {
    const response = await fetch(`${baseUrl}/v1/live`).catch(() => null);
    return response?.ok === true ? liveReportSchema.parse(await response.json()).period : null;
  };

  const createKey = async () => {
    const script = join(apps, "validator", "dist", "main.js");
    const args = ["--no-warnings", script, "keys", "create", "--config", workspace.file("validator.json")];
    return (await promisify(execFile)(process.execPath, args)).stdout.trim();
  };
  /** Requests that the gateway refused for their key, or for how many such there were. */
  const refusedRequests = async () => {
    const text = await (await fetch(`http://${metricsTargets["vision-validator"]}/metrics`)).text();
    const counts = text.matchAll(/^vision_gateway_requests_total\{[^}]*status="(?:401|429)"[^}]*\} (\d+)$/gm);
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  };

  beforeAll(async () => {
    await ready();
    workspace = await createWorkspace();
    const miners = createLocalMiners().slice(0, 1);
    const validator = createLocalValidator();
    chain = await startChain({ miners, validator, periodMs: PERIOD_MS });
    await chain.admitValidator(validator);
    await chain.registerMiners(miners);
    const gatewayPort = await findFreePort();
    const metricsPort = await findFreePort();
    const minerMetrics = await findFreePort();
    baseUrl = `http://127.0.0.1:${gatewayPort}`;
    const config = {
      validator,
      chainUrl: chain.url,
      netuid: NETUID,
      periodMs: PERIOD_MS,
      dataDir: workspace.dataDir,
      gatewayPort,
      metricsPort,
      minerNames: {},
    };
    await workspace.writeConfig("validator.json", createValidatorConfig(config));
    for (const miner of miners) {
      const profileBackendPath = join(import.meta.dirname, "..", "dist", "profile-backend.js");
      const minerConfig = createMinerConfig({
        miner,
        metricsPort: minerMetrics,
        chainUrl: chain.url,
        netuid: NETUID,
        profileBackendPath,
      });
      await workspace.writeConfig("miner.json", minerConfig);
      const logFile = join(workspace.logs, "miner.log");
      programs.push(
        startProgram({
          name: "miner",
          script: join(apps, "miner", "dist", "main.js"),
          args: ["run", "--config", workspace.file("miner.json")],
          logFile,
        }),
      );
    }
    await until("the miner's endpoint", 60_000, async () =>
      (await chain.readPublished(AbortSignal.timeout(60_000))).size === miners.length ? true : null,
    );
    metricsTargets = { "vision-validator": `127.0.0.1:${metricsPort}`, "vision-miner": `127.0.0.1:${minerMetrics}` };
  });

  afterAll(async () => {
    await prometheus?.stop();
    await Promise.all(programs.map((program) => program.stop(4_000)));
    await chain.close();
    await workspace.remove();
  });

  it("a validator that is killed with -9 in the middle of a period continues it with what was recorded", async () => {
    const first = startValidator();
    // The first period begins when the validator does; those after it have their whole length, but for one that a busy machine begins late.
    const period = await until("a whole period", 150_000, async () => {
      const current = await runningPeriod();
      return current !== null && current.endsAtMs - current.startsAtMs === PERIOD_MS ? current.period : null;
    });
    await sleep(PERIOD_MS / 2);
    const killedAtMs = performance.now();
    await first.kill();

    startValidator();
    expect(await until("the period after the restart", 150_000, currentPeriod)).toBe(period);
    // A busy machine takes its time to start a program.
    const presentFraction = Math.max(0, 1 - (performance.now() - killedAtMs) / PERIOD_MS);
    const report = await until("the period's report", 150_000, async () => {
      const latest = await createGatewayClient(baseUrl).latestPeriod();
      return latest?.period === period - 1 ? null : latest;
    });
    expect(report.period).toBe(period);
    expect(report.endsAtMs - report.startsAtMs).toBe(PERIOD_MS);
    const tasks = report.miners.flatMap((miner) => miner.tasks);
    expect(tasks).toHaveLength(3);
    for (const task of tasks) {
      // Both halves of the period count: the plan was met although the validator was away for a moment, and nothing was held against the miner.
      expect(task.attemptedUnits).toBeGreaterThan(task.plannedUnits * 0.75 * presentFraction);
      expect(task.failedCount).toBe(0);
      expect(task.periodScore).toBe(1);
    }
  }, 480_000);

  (hasPrometheus ? it : it.skip)(
    "fills every panel of the boards, as a Prometheus saw it (skipped where none is installed)",
    async () => {
      const key = await createKey();
      const scraper = await startPrometheus(join(workspace.folder, "prometheus"), { port: await findFreePort(), targets: metricsTargets });
      prometheus = scraper;
      let empty: readonly string[] = [];
      const isFilled = async () => {
        // A rate needs a request after the one that its series began with.
        await sendOrganicRound({ baseUrl, apiKey: key }, draftChats("chat-tiny", 1), null, AbortSignal.timeout(60_000));
        empty = await findEmptyPanels(scraper);
        return empty.length === 0 ? true : null;
      };
      await until("the last panel", 60_000, isFilled).catch((error: unknown) => {
        if (empty.length === 0) throw error;
      });
      expect(empty).toEqual([]);
    },
    180_000,
  );

  it("senders of large bodies without a key cost a miner nothing, and no user an answer", async () => {
    const authorization = `Bearer ${await createKey()}`;
    const url = `${baseUrl}/v1/chat/completions`;
    const body = JSON.stringify({ model: "chat-tiny", messages: [{ role: "user", content: "Hi" }], max_tokens: 4 });
    const refusedBefore = await refusedRequests();
    const file = join(apps, "validator", "test", "fixtures", "keyless-senders.mjs");
    const senders = new Worker(pathToFileURL(file), { workerData: { url, perSecond: 30, bodyBytes: 4_000_000 } });
    const outcomes: string[] = [];
    try {
      const attacked = await until("a hundred of them", 60_000, async () =>
        (await refusedRequests()) >= refusedBefore + 100 ? await currentPeriod() : null,
      );
      const report = await until("the report of a period with such senders", 150_000, async () => {
        await sleep(1_000); // a user, not a load
        const response = await fetch(url, { method: "POST", headers: { authorization, "content-type": "application/json" }, body });
        const text = await response.text();
        // The miner may be full: a large part of what it declared is tried in some periods.
        outcomes.push(response.ok ? "answered" : (/"code":"(\w+)"/.exec(text)?.[1] ?? text));
        const latest = await createGatewayClient(baseUrl).latestPeriod();
        return latest !== null && latest.period >= attacked ? latest : null;
      });
      expect(new Set(outcomes.filter((outcome) => outcome !== "no_capacity"))).toEqual(new Set(["answered"]));
      for (const task of report.miners.flatMap(({ tasks }) => tasks)) {
        expect({ task: task.taskId, failed: task.failedCount, score: task.periodScore }).toEqual({
          task: task.taskId,
          failed: 0,
          score: 1,
        });
      }
    } finally {
      await senders.terminate();
    }
  }, 240_000);

  it("leaves no process behind when all is stopped", async () => {
    await prometheus?.stop();
    await Promise.all(programs.map((program) => program.stop(4_000)));
    expect(processesWith(workspace.folder)).toEqual([]);
  });
});
