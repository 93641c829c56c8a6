import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { connect } from "@vision/chain";
import { createDevnet, type Devnet } from "@vision/devnet";
import { createMiner, silentLogger } from "@vision/sdk";
import { tiny } from "@vision/sdk/backends";
import { type MinerServer, serve } from "@vision/sdk/node";
import { createHotkeyFromUri, ready } from "@vision/signing";
import pg from "pg";
import { readPostmasterFile } from "../../src/adapters/embedded-postgres/postmaster-file.js";
import { openDatabase } from "../../src/adapters/open-database.js";
import { findFreePort } from "../../src/testing/find-free-port.js";
import { recordingLogger } from "../../src/testing/recording-logger.js";
import { appDir, bundlePrograms } from "../bundle-programs.js";
import { type FaultyWay, openFaultyWay } from "../fixtures/faulty-way.js";
import { type MinerProgram, startMinerProgram } from "./miner-program.js";
import { createSettableClock, whyNoSettableClock } from "./set-clock.js";
import { startSteadyUser, USERS_AT_ONCE } from "./steady-user.js";

// `npm run faults` repeats every fault this often and prints the table; within `npm test` the shorter ones are tried once.
const rounds = Number(process.env["VISION_FAULTS_ROUNDS"] ?? 1);
const PERIOD_MS = 2_000;
const RECOVERY_MS = 60_000;
const TAO = 1_000_000_000n;
const netuid = 2;
/** One fault is told a few times by those that it meets, and once by what is done once a period; not at every turn of a loop. */
const mostTold = (elapsedMs: number) => 4 + elapsedMs / PERIOD_MS;

const rows: {
  readonly fault: string;
  readonly round: number;
  readonly outcome: string;
  readonly seconds: string;
  readonly told: string;
}[] = [];
let programs: Awaited<ReturnType<typeof bundlePrograms>>;
let folder = "";
let dataDir = "";
let isDiskOurs = false;
let devnet: Devnet;
let way: FaultyWay;
/** Extrinsics with weights that came into blocks. */
let weightCalls = 0;
let miner: MinerServer;
/** Another one, of `apps/miner`, in a process of its own. */
let program: MinerProgram;
let api: { readonly url: string; readonly key: string };
let validator: ChildProcess;
const hotkeys = { miner: "", program: "" };

/** Runs a query on the validator's database, or a copy of it, in a connection of its own. */
async function query<Row extends pg.QueryResultRow>(text: string, from = dataDir): Promise<readonly Row[]> {
  const [password, port] = await Promise.all([readFile(join(from, "password"), "utf8"), readFile(join(from, "port"), "utf8")]);
  const client = new pg.Client({
    ...{ host: "127.0.0.1", port: Number(port), user: "vision", password: password.trim(), database: "postgres" },
    ...{ connectionTimeoutMillis: 10_000, query_timeout: 10_000 },
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

const newestPeriod = async () =>
  Number((await query<{ newest: string }>("select coalesce(max(period), 0) as newest from periods"))[0]?.newest);

/** Polls another program until it is so, within a bound. */
async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + RECOVERY_MS;
  while (!(await isSo().catch(() => false))) {
    if (performance.now() > deadlineMs)
      throw new Error(`${what}: not within ${RECOVERY_MS / 1000} s; see ${join(folder, "validator.log")}`);
    await delay(50);
  }
}

const validatorCommand = (...words: readonly string[]) => [
  join(programs.folder, "main.js"),
  ...words,
  "--config",
  join(folder, "validator.json"),
];

function startValidator(environment: Readonly<Record<string, string>> = {}): void {
  const log = createWriteStream(join(folder, "validator.log"), { flags: "a" });
  const injector = pathToFileURL(join(appDir, "test", "fixtures", "fault-injector.mjs")).href;
  validator = spawn(process.execPath, ["--import", injector, ...validatorCommand("run")], {
    cwd: appDir,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { ...process.env, ...environment, VISION_FAULTS_CLOCK_FILE: join(folder, "clock-skew-ms") },
  });
  validator.stdout?.pipe(log, { end: false });
  validator.stderr?.pipe(log, { end: false });
}

async function end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
  if (validator.exitCode !== null || validator.signalCode !== null) return;
  const exit = once(validator, "exit");
  validator.kill(signal);
  await exit;
}

/** Holds the database server still, all of its processes, while something goes on. */
async function withHangingDatabase(goOn: () => Promise<void>): Promise<void> {
  const backends = await query<{ pid: number }>("select pid from pg_stat_activity where pid <> pg_backend_pid() and datname is not null");
  const pids = [await serverPid(), ...backends.map(({ pid }) => pid)];
  for (const pid of pids) process.kill(pid, "SIGSTOP");
  try {
    await goOn();
  } finally {
    for (const pid of pids) process.kill(pid, "SIGCONT");
  }
}

const DAY_MS = 86_400_000;

/** Sets the validator's clock that far off, waits until two periods have been closed by it, and sets it right again. */
async function stepClock(byMs: number): Promise<void> {
  const before = { newest: await newestPeriod(), count: await countPeriods() };
  await writeFile(join(folder, "clock-skew-ms"), String(byMs));
  try {
    await until("two periods by a wrong clock", async () => (await newestPeriod()) > before.newest + 1);
  } finally {
    await writeFile(join(folder, "clock-skew-ms"), "0");
  }
  // Neither did the number jump, nor was the record of before thrown away.
  expect(await newestPeriod()).toBeLessThan(before.newest + 60);
  expect(await countPeriods()).toBeGreaterThanOrEqual(before.count);
}

const countPeriods = async () => Number((await query<{ count: string }>("select count(*) from periods"))[0]?.count);

/** What a miner was blamed for, and how often, by what is recorded. */
const readFailures = (hotkey: string) =>
  query(`
    select outcome, reason, count(*)::int as times from results join series on series.id = series_id
    where hotkey = '${hotkey}' and outcome <> 'o' and blame = 'm' group by outcome, reason order by outcome, reason`);

/** Waits for a period, begun from now on, in which the miner was tried and did not fail once, and whose scores are published. */
async function untilScored(hotkey: string): Promise<void> {
  const from = await newestPeriod();
  const scored = `
    select count(*) from tallies join series on series.id = series_id join period_reports using (period)
    where hotkey = '${hotkey}' and period > ${from} and ok_count > 0 and failed_count = 0`;
  await until("a period in which the miner answers again", async () => Number((await query<{ count: string }>(scored))[0]?.count) > 0);
}

/** Kills the miner's program while users ask and the validator tries it, leaves it away for a while, and starts it again. */
async function killMiner(): Promise<void> {
  await untilScored(hotkeys.program);
  const failuresBefore = await readFailures(hotkeys.miner);
  const user = startSteadyUser({ ...api, model: "chat-tiny" });
  const answersMore = async (count: number) => {
    const before = user.counts().answered;
    await until("answers to users", async () => user.counts().answered >= before + count);
  };
  const kills = rounds > 1 ? 3 : 1;
  try {
    for (let times = 0; times < kills; times += 1) {
      await answersMore(10);
      await program.kill();
      await answersMore(10);
      await delay(PERIOD_MS);
      program.start();
      await untilScored(hotkeys.program);
    }
  } finally {
    const { broken } = await user.stop();
    // Of the streams under way at the miner that died, at most.
    expect(broken).toBeLessThanOrEqual(kills * USERS_AT_ONCE);
  }
  expect(await readFailures(hotkeys.miner)).toEqual(failuresBefore);
}

/** Sets the wall clock of the validator and its database that far off, for as long as two periods take, and right again. */
async function stepMachineClock(byMs: number): Promise<void> {
  const clock = await createSettableClock(join(folder, "clock-offset"));
  const failuresBefore = await readFailures(hotkeys.miner);
  const started = await newestPeriod();
  await end("SIGTERM");
  startValidator(clock.environment);
  try {
    await until("two periods", async () => (await newestPeriod()) > started + 2);
    const before = { newest: await newestPeriod(), count: await countPeriods(), atMs: performance.now() };
    const { end: logEnd } = await readWarnings();
    await clock.set(byMs);
    await until("two periods by a wrong clock", async () => (await newestPeriod()) > before.newest + 1);
    const { told } = await readWarnings(logEnd);
    expect(told.map(([message]) => message)).toContainEqual(expect.stringContaining("clock disagrees"));
    await clock.set(0);
    await until("two periods more", async () => (await newestPeriod()) > before.newest + 3);
    const passed = (performance.now() - before.atMs) / PERIOD_MS;
    expect(await newestPeriod()).toBeLessThan(before.newest + passed + 2);
    expect(await countPeriods()).toBeGreaterThanOrEqual(before.count);
    expect(await readFailures(hotkeys.miner)).toEqual(failuresBefore);
  } finally {
    await end("SIGTERM");
    startValidator();
    await until("the database without that clock", async () => (await newestPeriod()) > 0);
  }
}

const recorded =
  "select (select count(*) from results) as results, (select sum(requests) from tallies) as requests, (select count(*) from samples) as samples";

/** A backup as docs/validating/mainnet.md says: the data folder copied while the validator is stopped. */
async function restoreFromCopy(kept: readonly unknown[]): Promise<void> {
  const copy = join(folder, "copy");
  if (process.platform === "win32") await cp(dataDir, copy, { recursive: true });
  else execFileSync("cp", ["-a", dataDir, copy]);
  const restored = await openDatabase({ dataDir: copy }, { logger: recordingLogger(), signal: new AbortController().signal });
  try {
    expect(await query(recorded, copy)).toEqual(kept);
    expect(await restored.store.getNewestPeriod()).not.toBeNull();
  } finally {
    await restored.close();
  }
}

const spilledFiles = async () => (await readdir(dataDir)).filter((name) => name.startsWith("unrecorded-results"));

async function serverPid(): Promise<number> {
  return (await readPostmasterFile(join(dataDir, "cluster")))?.pid ?? 0;
}

/** What the validator has warned of since a place in its log, by message, the most told first; and where its log ends now. */
async function readWarnings(from = 0) {
  const text = (await readFile(join(folder, "validator.log"), "utf8")).slice(from);
  const counts = new Map<string, number>();
  for (const line of text.split("\n").filter((each) => each.startsWith("{") && each.endsWith("}"))) {
    const { level, message } = JSON.parse(line) as { readonly level: string; readonly message: string };
    if (level === "warn" || level === "error") counts.set(message, (counts.get(message) ?? 0) + 1);
  }
  const told = [...counts].sort((a, b) => b[1] - a[1]);
  return { told, end: from + text.length };
}

type Fault = {
  readonly name: string;
  /** Tried by `npm run faults` only, not by `npm test`. */
  readonly isLong?: true;
  readonly skip?: () => string | null;
  strike(): Promise<void>;
};

const faults: readonly Fault[] = [
  {
    name: "validator: kill -9",
    async strike() {
      await end("SIGKILL");
      startValidator();
    },
  },
  {
    name: "validator: SIGTERM at the switch of two periods",
    async strike() {
      const before = await newestPeriod();
      await until("the next period", async () => (await newestPeriod()) > before);
      await end("SIGTERM");
      startValidator();
    },
  },
  {
    name: "validator: kill -9 while it starts, after 0.1 to 1.6 s",
    isLong: true,
    async strike() {
      for (const afterMs of [100, 400, 900, 1_600]) {
        await end("SIGKILL");
        startValidator();
        await delay(afterMs);
      }
      await end("SIGKILL");
      startValidator();
    },
  },
  {
    name: "validator: kill -9 at the switch of two periods",
    isLong: true,
    async strike() {
      const before = await newestPeriod();
      await until("the next period", async () => (await newestPeriod()) > before);
      await end("SIGKILL");
      startValidator();
    },
  },
  {
    name: "validator: an exception nobody caught, results in memory only",
    skip: () => (process.platform === "win32" ? "there are no signals to tell it by" : null),
    async strike() {
      // Now and then the period's requests were all recorded before the database hung.
      for (let attempt = 0; attempt < 5 && (await spilledFiles()).length === 0; attempt += 1) {
        if (attempt > 0) startValidator();
        const before = await newestPeriod();
        await until("the next period", async () => (await newestPeriod()) > before);
        await withHangingDatabase(async () => {
          await delay(PERIOD_MS);
          const exit = once(validator, "exit");
          validator.kill("SIGUSR2");
          expect(await exit).toEqual([1, null]);
        });
      }
      expect(await spilledFiles()).toHaveLength(1);
      startValidator();
      await until("the results that were left", async () => (await spilledFiles()).length === 0);
    },
  },
  { name: "validator: clock ten minutes ahead", isLong: true, strike: () => stepClock(600_000) },
  { name: "validator: clock ten minutes back", isLong: true, strike: () => stepClock(-600_000) },
  { name: "validator: clock ten days ahead, more than the record goes back", strike: () => stepClock(10 * DAY_MS) },
  ...[
    ["25 s ahead", 25_000],
    ["ten minutes back", -600_000],
    ["nine days ahead", 9 * DAY_MS],
  ].map(([words, byMs]) => ({
    name: `machine: clock set ${words}`,
    isLong: true as const,
    skip: () => whyNoSettableClock,
    strike: () => stepMachineClock(Number(byMs)),
  })),
  { name: "miner: kill -9 while it is tried and users ask", strike: killMiner },
  {
    name: "database: kill -9",
    async strike() {
      process.kill(await serverPid(), "SIGKILL");
    },
  },
  {
    name: "database: connections cut",
    async strike() {
      await query("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname is not null");
    },
  },
  {
    name: "database: hangs for two periods",
    async strike() {
      await withHangingDatabase(() => delay(2 * PERIOD_MS));
    },
  },
  {
    name: "database: full disk for two periods",
    skip: () => (isDiskOurs ? null : "a small disk of its own can be mounted by root only"),
    async strike() {
      const filler = join(dataDir, "filler");
      const block = Buffer.alloc(1024 * 1024);
      for (let isFull = false; !isFull; ) {
        await writeFile(filler, block, { flag: "a" }).catch(() => {
          isFull = true;
        });
      }
      try {
        await delay(2 * PERIOD_MS);
      } finally {
        await rm(filler, { force: true });
      }
    },
  },
  {
    name: "chain: connections cut, again as soon as they are back",
    async strike() {
      for (let times = 0; times < 5; times += 1) {
        way.cut();
        await delay(PERIOD_MS / 5);
      }
    },
  },
  {
    name: "chain: silent for three periods, connections stay",
    async strike() {
      way.hold(true);
      try {
        await delay(3 * PERIOD_MS);
      } finally {
        way.hold(false);
      }
    },
  },
  {
    name: "chain: gone for two periods, then taken up again",
    isLong: true,
    async strike() {
      const { port } = devnet;
      await devnet.close();
      await delay(2 * PERIOD_MS);
      devnet = await startDevnet(port);
    },
  },
];

/** The chain, or the same one again from where it was. */
async function startDevnet(port: number): Promise<Devnet> {
  const started = await createDevnet({
    ...{ port, stateDirectory: join(folder, "chain") },
    blockTimeMs: 500,
    balancesRao: Object.fromEntries(["//Bob", "//Bob//hotkey", "//Charlie", "//Charlie//hotkey"].map((uri) => [uri, 1_000n * TAO])),
    subnets: [
      {
        netuid,
        hyperparameters: { tempoBlocks: 30, isCommitRevealEnabled: false },
        neurons: [
          { hotkey: "//Alice//hotkey", coldkey: "//Alice", stakeRao: 3_000n * TAO, hasPermit: true },
          { hotkey: "//Bob//hotkey", coldkey: "//Bob" },
          { hotkey: "//Charlie//hotkey", coldkey: "//Charlie" },
        ],
      },
    ],
  });
  started.node.listen((event) => {
    if (event.kind !== "block") return;
    for (const { signed, call } of event.block.extrinsics) {
      if (signed !== null && call.type === "SubtensorModule" && call.value[0].type === "set_weights") weightCalls += 1;
    }
  });
  return started;
}

beforeAll(async () => {
  await ready();
  programs = await bundlePrograms("faults.tsup.config.mjs");
  folder = await mkdtemp(join(tmpdir(), "vision-faults-"));
  // The database's own user reads the clock there.
  await chmod(folder, 0o711);
  dataDir = join(folder, "data");
  await mkdir(dataDir);
  if (process.getuid?.() === 0) {
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=400m,mode=0711", "none", dataDir], { stdio: "ignore" });
      isDiskOurs = true;
    } catch {
      // A container without that right: the fault is skipped, and the table says why.
    }
  }
  devnet = await startDevnet(0);
  way = await openFaultyWay(devnet.port);
  const hotkey = createHotkeyFromUri("//Bob//hotkey");
  const tasks = { "chat-tiny": { capacityPerHour: 500_000 } };
  miner = await serve(createMiner({ hotkey, tasks, backend: tiny(), logger: silentLogger }), { port: 0, host: "127.0.0.1", drainMs: 100 });
  const chain = await connect({ endpoints: [devnet.url] });
  await chain.publishEndpoint({ netuid, host: "127.0.0.2", port: miner.port, signer: hotkey });
  await chain.close();
  const [minerPort, apiPort] = [await findFreePort(), await findFreePort()];
  hotkeys.miner = hotkey.address;
  hotkeys.program = createHotkeyFromUri("//Charlie//hotkey").address;
  program = await startMinerProgram(folder, {
    ...{ network: devnet.url, netuid, tasks, backends: { local: { kind: "tiny" } } },
    hotkey: { uri: "//Charlie//hotkey", areDevKeysAllowed: true },
    chain: { announce: { host: "127.0.0.3", port: minerPort } },
    listen: { host: "127.0.0.1", port: minerPort },
  });
  const config = {
    network: `ws://127.0.0.1:${way.port}`,
    netuid,
    chain: { arePrivateEndpointsAllowed: true },
    hotkey: { uri: "//Alice//hotkey", areDevKeysAllowed: true },
    database: { dataDir },
    gateway: { port: apiPort },
    metrics: { isEnabled: false },
    period: { lengthMs: PERIOD_MS },
    probing: { shareFloor: [{ capacityRequests: 0, fraction: 0.5 }], capacityTimeoutMs: 1_000 },
    weights: { minClosedPeriods: 1 },
  };
  await writeFile(join(folder, "validator.json"), JSON.stringify(config));
  await writeFile(join(folder, "clock-skew-ms"), "0");
  startValidator();
  await until("the second period", async () => (await newestPeriod()) >= 2);
  const limits = ["--requests-per-minute", "1000000", "--concurrent", "100"];
  const created = execFileSync(process.execPath, validatorCommand("keys", "create", "--name", "user", ...limits), { encoding: "utf8" });
  api = { url: `http://127.0.0.1:${apiPort}`, key: created.trim() };
});

afterAll(async () => {
  await end("SIGTERM");
  await miner.close();
  await program.close();
  await way.close();
  await devnet.close();
  await programs.remove();
  if (isDiskOurs) execFileSync("umount", [dataDir]);
  await rm(folder, { recursive: true, force: true });
  if (rounds > 1) process.stdout.write(`${renderRows()}\n`);
});

function renderRows(): string {
  const width = Math.max(...rows.map(({ fault }) => fault.length));
  return rows
    .map(({ fault, round, outcome, seconds, told }) => `${fault.padEnd(width)}  ${round}  ${seconds.padStart(6)}  ${outcome}  ${told}`)
    .join("\n");
}

describe("the program under faults", () => {
  const tried = faults.filter(({ isLong }) => rounds > 1 || isLong !== true);
  const cases = Array.from({ length: rounds }, (_, index) => tried.map((fault) => ({ ...fault, round: index + 1 }))).flat();

  it.each(cases)(
    "$name, round $round: it goes on by itself",
    async ({ name, round, skip, strike }) => {
      const reason = skip?.() ?? null;
      if (reason !== null) {
        rows.push({ fault: name, round, outcome: `skipped: ${reason}`, seconds: "", told: "" });
        return;
      }
      const startedAtMs = performance.now();
      const before = await newestPeriod();
      const { end: logEnd } = await readWarnings();
      try {
        await strike();
      } finally {
        // One fault that does harm must not hide what comes of the others.
        if (validator.exitCode !== null || validator.signalCode !== null) startValidator();
      }
      await until(`${name}: a period after it`, async () => (await newestPeriod()) > before + 1);
      expect({ exitCode: validator.exitCode, signal: validator.signalCode }).toEqual({ exitCode: null, signal: null });
      const { told } = await readWarnings(logEnd);
      const elapsedMs = performance.now() - startedAtMs;
      const most = told[0] === undefined ? "" : `told ${told[0][1]} times: ${told[0][0]}`;
      rows.push({ fault: name, round, outcome: "went on", seconds: (elapsedMs / 1000).toFixed(1), told: most });
      expect(told.filter(([, times]) => times > mostTold(elapsedMs))).toEqual([]);
    },
    2 * RECOVERY_MS,
  );

  it("has lost nothing: numbers follow each other, every closed period is reported, tallies are those of the results, no process is left", async () => {
    const unreported =
      "select count(*)::int as count from periods left join period_reports r using (period) where not is_open and r is null";
    // After an outage the reporter tries again after at most 15 s.
    await until("the reports", async () => ((await query<{ count: number }>(unreported))[0]?.count ?? 9) <= 1);
    await end("SIGTERM");
    expect(validator.exitCode).toBe(0);
    let kept: readonly unknown[] = [];
    const database = await openDatabase({ dataDir }, { logger: recordingLogger(), signal: new AbortController().signal });
    try {
      // Only what closed, or got late answers, as the program was stopped; the next start would report it.
      const newest = await newestPeriod();
      const due = await database.store.getPeriodsToReport(100);
      expect(due.map(({ period }) => period).filter((period) => period < newest - 3)).toEqual([]);
      const wrong = await query(`
        select period, t.requests, coalesce(r.counted, 0) as counted
        from (select period, sum(requests) as requests from tallies group by period) t
        left join (select period, count(*) as counted from results where outcome = 'o' or blame = 'm' group by period) r using (period)
        where t.requests <> coalesce(r.counted, 0)`);
      expect(wrong).toEqual([]);
      const [gaps] = await query<{ largest: number }>(
        "select coalesce(max(gap), 0)::int as largest from (select period - lag(period) over (order by period) as gap from periods) steps",
      );
      // A database that was away for two periods leaves a gap of as many; a jump of 120 is another matter.
      expect(gaps?.largest).toBeLessThan(20);
      // One for each epoch that was begun, however often the validator, its database or the chain was away meanwhile.
      const [weights] = await query<{ begun: number }>("select count(*)::int as begun from weight_sets");
      expect(weightCalls).toBeGreaterThan(0);
      expect(weightCalls).toBeLessThanOrEqual(weights?.begun ?? 0);
      kept = await query(recorded);
    } finally {
      await database.close();
    }
    await restoreFromCopy(kept);
    const own = `${process.pid}`;
    const left = (await readdir("/proc").catch(() => [])).filter((pid) => /^\d+$/.test(pid) && pid !== own);
    for (const pid of left) {
      const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      expect({ pid, isLeft: line.includes(folder) }).toEqual({ pid, isLeft: false });
    }
  });
});
