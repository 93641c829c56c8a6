import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { createEmbeddedReference, createInProcessEngine } from "@vision/checking";
import { type FakeVllm, startFakeVllm } from "@vision/checking/testing";
import { programVersion } from "@vision/program";
import { createRegistry, enabledTasks, getFamily } from "@vision/protocol";
import pg from "pg";
import { openPostgresStore } from "../src/adapters/postgres/index.js";
import { KNOWN_ANSWER, KNOWN_QUESTION, knownQuestion, OTHER_QUESTION } from "../src/doctor/known-answer.js";
import type { CheckRecord } from "../src/domain/records/index.js";
import type { Store } from "../src/ports/index.js";
import { recordingLogger } from "../src/testing/recording-logger.js";
import { aCheck, anId, aPeriod, aResult } from "../src/testing/store-samples.js";
import { startTestPostgres, type TestPostgres } from "../src/testing/test-postgres.js";
import { appDir, bundlePrograms } from "./bundle-programs.js";

let programs: Awaited<ReturnType<typeof bundlePrograms>>;
let postgres: TestPostgres;
let vllm: FakeVllm;
let url = "";
let store: Store;
const children: ChildProcess[] = [];
const registry = createRegistry();
const version = programVersion(join("file://", appDir, "src", "main.ts"));

beforeAll(async () => {
  [programs, postgres, vllm] = await Promise.all([
    bundlePrograms("checker.tsup.config.mjs"),
    startTestPostgres(),
    startFakeVllm({ model: "tiny", contextTokens: 513, maxLogprobs: 20 }),
  ]);
  url = await postgres.createDatabase();
  store = await openPostgresStore({ url }, { logger: recordingLogger() });
  await store.switchPeriod(aPeriod(1), []);
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  vllm.respond("/v1/completions", null);
});
afterAll(async () => {
  await store.close();
  await Promise.all([programs.remove(), postgres.stop(), vllm.close()]);
});

type Line = { readonly message: string; readonly metricsUrl?: string };

/** Starts `vision-validator checker` and waits for its first line that says something. */
async function start(
  said: string,
  { database = url, ...settings }: { readonly database?: string; readonly references?: object[]; readonly tasksFile?: string } = {},
) {
  const argv = ["checker", "--metrics-port", "0", "--checks-lease-ms", "4000", "--checks-idle-ms", "50", "--checks-concurrency", "2"];
  const child = spawn(process.execPath, [join(programs.folder, "main.js"), ...argv], {
    cwd: appDir,
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      ...process.env,
      ...{ DATABASE_URL: database, VISION_VALIDATOR_REFERENCES: JSON.stringify(settings.references ?? []) },
      ...(settings.tasksFile === undefined ? {} : { VISION_VALIDATOR_TASKS_FILE: settings.tasksFile }),
    },
  });
  children.push(child);
  const lines: Line[] = [];
  for await (const text of createInterface({ input: child.stderr })) {
    const line = JSON.parse(text) as Line;
    lines.push(line);
    if (line.message.startsWith(said)) break;
  }
  child.stderr.resume();
  const metricsUrl = lines.find(({ metricsUrl: found }) => found !== undefined)?.metricsUrl ?? "";
  expect(lines.at(-1)?.message).toContain(said);
  const stop = async (signal: NodeJS.Signals) => {
    const exit = once(child, "exit");
    child.kill(signal);
    return exit;
  };
  return { stop, metricsUrl };
}

/** Waits for what another process does; the test's own time limit ends it. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await delay(20);
}

const setTerms = (changes: object = {}) =>
  store.setCheckTerms({
    ...{ validator: "5Validator", version, tasks: Object.fromEntries(enabledTasks(registry).map((task) => [task.id, task])) },
    ...changes,
  });

/** Right and wrong answers in turn, of several miners. */
async function queue(ids: readonly string[]): Promise<readonly CheckRecord[]> {
  const task = registry.get("chat-tiny");
  if (task === undefined) throw new Error("no chat-tiny");
  const checks = ids.map((id, index) => {
    const question = index % 2 === 0 ? KNOWN_QUESTION : OTHER_QUESTION;
    const request = getFamily(task.family).normalise(knownQuestion(question), { task, fallbackSeed: 0 });
    return aCheck(anId(id), { hotkey: `miner-${index % 3}`, request, answer: KNOWN_ANSWER });
  });
  await store.recordResults(
    checks.map(({ requestId, hotkey }) => aResult(requestId, { hotkey })),
    checks,
  );
  return checks;
}

/** The statements of the documentation. */
function documentedRights(): string {
  const page = readFileSync(join(appDir, "..", "..", "docs", "validating", "checkers.md"), "utf8");
  return /```sql\n([^`]*)```/.exec(page)?.[1] ?? "";
}

/** The database's URL for the role that they make. */
async function withRights(sql: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
  const restricted = new URL(url);
  restricted.username = "vision_checker";
  restricted.password = "...";
  return restricted.href;
}

const claimable = { limit: 100, leaseMs: 1 };

describe("vision-validator checker", () => {
  it("finds what the validator would find itself, two beside each other, with no more rights than it needs and no key", async () => {
    await setTerms();
    const { sequence } = await store.getSamplesAfter(null);
    const checks = await queue(Array.from({ length: 24 }, (_, index) => `a${index}`));
    const database = await withRights(documentedRights());
    const both = await Promise.all([0, 1].map(() => start("The validator's answers are checked here", { database })));
    await until(async () => (await store.countPendingChecks()) === 0);
    const found = await store.getSamplesAfter(sequence);
    const own = createEmbeddedReference(createInProcessEngine());
    const expected = await Promise.all(
      checks.map(async ({ hotkey, taskId, request, answer, sampler }) => {
        const task = registry.get(taskId);
        if (task === undefined) throw new Error(`no ${taskId}`);
        const verdict = await own.check({ task, request, answer, sampler, signal: AbortSignal.timeout(60_000) });
        return `${hotkey} ${verdict.kind === "judged" ? Math.fround(verdict.qualityFraction) : verdict.reason}`;
      }),
    );
    expect(new Set(expected.map((line) => line.split(" ")[1]))).toEqual(new Set(["0", "1"]));
    expect(found.samples.map(({ hotkey, qualityFraction }) => `${hotkey} ${qualityFraction}`).sort()).toEqual([...expected].sort());
    for (const { metricsUrl, stop } of both) {
      // A machine that is too busy to answer within a lease takes its reference to be away for a moment.
      await until(async () => (await fetch(new URL("/readyz", metricsUrl))).status === 200);
      expect(await (await fetch(metricsUrl)).text()).toMatch(/vision_checks_total\{task="chat-tiny",verdict="judged"\} \d+/);
      expect(await stop("SIGTERM")).toEqual([0, null]);
    }
    await own.close();
  });

  const references = () => [{ kind: "vllm", url: vllm.url, model: "tiny", tasks: ["chat-tiny"] }];
  /** Waits until somebody holds a claim; a reference that says nothing keeps it so. */
  const untilClaimed = async () => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const text = "select 1 from checks where leased_until_ms > extract(epoch from clock_timestamp()) * 1000";
    await until(async () => (await client.query(text)).rows.length > 0);
    await client.end();
  };

  it("gives back what it has claimed when it is told to stop, and what it held is checked by another after kill -9", async () => {
    await setTerms();
    const { sequence } = await store.getSamplesAfter(null);
    await queue(["k1"]);
    vllm.respond("/v1/completions", () => undefined);
    const polite = await start("The validator's answers", { references: references() });
    await untilClaimed();
    expect(await store.claimChecks(claimable)).toEqual([]);
    expect(await polite.stop("SIGTERM")).toEqual([0, null]);
    expect(await store.claimChecks(claimable)).toMatchObject([{ attempts: 1 }]);
    const killed = await start("The validator's answers", { references: references() });
    await untilClaimed();
    await killed.stop("SIGKILL");
    vllm.respond("/v1/completions", null);
    await start("The validator's answers", { references: references() });
    await until(async () => (await store.countPendingChecks()) === 0);
    expect((await store.getSamplesAfter(sequence)).samples).toMatchObject([{ hotkey: "miner-0", qualityFraction: 1 }]);
  });

  it("leaves everything to others while the validator is of another version, and a task whose entry is another one", async () => {
    await setTerms({ version: "999.0.0" });
    await queue(["v1"]);
    const { metricsUrl } = await start("The validator's program is of another version");
    expect((await fetch(new URL("/readyz", metricsUrl))).status).toBe(503);
    expect((await fetch(new URL("/healthz", metricsUrl))).status).toBe(200);
    expect(await store.claimChecks(claimable)).toMatchObject([{ attempts: 1 }]);
    const task = registry.get("chat-tiny");
    await setTerms({ tasks: { "chat-tiny": { ...task, contextTokens: 511 } } });
    expect(await store.claimChecks(claimable)).toMatchObject([{ attempts: 2 }]);
    await setTerms();
    await until(async () => (await store.countPendingChecks()) === 0);
  });

  it("had to be started again for a file of tasks that changed", async () => {
    const tasksFile = join(programs.folder, "tasks.json");
    await setTerms({ tasks: { "chat-tiny": { ...registry.get("chat-tiny"), contextTokens: 511 } } });
    await queue(["t1"]);
    await start("The validator has other settings of some tasks", { tasksFile });
    await writeFile(tasksFile, JSON.stringify({ tasks: { "chat-tiny": { contextTokens: 511 } } }));
    await until(async () => (await store.countPendingChecks()) === 0);
  });

  it("refuses to work on an embedded database, which is one machine's own", async () => {
    const child = spawn(process.execPath, [join(programs.folder, "main.js"), "checker"], { stdio: ["ignore", "ignore", "pipe"], env: {} });
    children.push(child);
    const said: string[] = [];
    child.stderr.on("data", (chunk: Buffer) => said.push(chunk.toString()));
    expect(await once(child, "close")).toEqual([2, null]);
    expect(said.join("")).toContain("database.url (");
  });
});
