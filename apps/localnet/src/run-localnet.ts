import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { childEnvironment, findFreePort } from "@vision/program";
import { anySignal } from "@vision/protocol";
import { ready } from "@vision/signing";
import { createNameOf, toChainReport, toLocalPeriod } from "./build-report.js";
import { createEmbeddedSubnet } from "./embedded-subnet.js";
import { createGatewayClient, type GatewayClient } from "./gateway-client.js";
import { createLocalMiners, createLocalValidator, type LocalMiner } from "./identities.js";
import { createMinerConfig } from "./miner-config.js";
import type { LocalnetOptions } from "./options.js";
import { type OrganicTarget, sendOrganicRound } from "./organic.js";
import { readOwnDelaySeconds } from "./own-delay.js";
import { type Program, startProgram } from "./processes.js";
import { createRealSubnet } from "./real-subnet.js";
import type { ChainReport, LocalnetReport, LocalPeriod, OrganicRequest } from "./report-schema.js";
import { type SharedMachine, startSharedMachine } from "./shared-machine.js";
import { type LocalChain, NETUID, startChain } from "./start-chain.js";
import { type LocalSubnet, scaleCapacity } from "./subnet.js";
import { createValidatorConfig } from "./validator-config.js";
import { refuseWhenEnded, STARTUP_MS, waitUntilUp } from "./wait-until-up.js";
import { createWorkspace, endLeftDatabase, programPaths, type Workspace } from "./workspace.js";

/** What happens while a local subnet runs. */
export type LocalnetEvents = {
  /** One line about what is being done. */
  onProgress(line: string): void;
  /** The subnet is up: where users' requests go. */
  onReady(target: OrganicTarget & { readonly operatorToken: string }): void;
  onPeriod(period: LocalPeriod, chain: ChainReport): void;
};

/** Time that programs get to stop by themselves before they are ended by force. */
const GRACE_MS = 4_000;

/** How often the validator is started, where others take the port that was free. */
const MOST_STARTS = 3;

/** A subnet that runs until it is stopped remembers this much of the past, the newest. */
const KEPT_PERIODS = 100;
const KEPT_ORGANIC_REQUESTS = 10_000;

/** Periods that miners of a real model get to load it, before the first that counts. */
const MOST_EARLY_PERIODS = 20;

const run = promisify(execFile);

/** Drops the oldest beyond so many. */
function keepNewest(values: unknown[], kept: number): void {
  values.splice(0, Math.max(0, values.length - kept));
}

/**
 * Runs a chain, miners and a validator on this machine until the periods asked for are over or the signal aborts. All of it has
 * stopped when the promise settles.
 *
 * @returns What was measured, the chain's state included. With fewer periods than asked for when the signal came first.
 */
export async function runLocalnet(options: LocalnetOptions, events: LocalnetEvents, signal: AbortSignal): Promise<LocalnetReport> {
  const workspace = await createWorkspace({ isKept: options.isKept });
  const programs: Program[] = [];
  const machines = new Map<string, SharedMachine>();
  let chain: LocalChain | null = null;
  try {
    await ready();
    const subnet =
      options.modelPath === null ? createEmbeddedSubnet(options.taskIds) : await createRealSubnet(options.modelPath, workspace.folder);
    const miners = createLocalMiners(subnet.profiles);
    const validator = createLocalValidator();
    events.onProgress("Starting the chain");
    const started = await startChain({ miners, validator, periodMs: options.periodMs });
    chain = started;
    const operatorToken = randomBytes(24).toString("base64url");
    const paths = programPaths();

    events.onProgress(`Registering a validator and ${miners.length} miners on subnet ${NETUID}`);
    await chain.admitValidator(validator);
    await chain.registerMiners(miners);
    events.onProgress(`Starting ${miners.length} miners and the validator; logs in ${workspace.logs}`);
    await startSharedMachines(subnet, machines);
    const minerPrograms = new Map<string, Program>();
    for (const miner of miners) {
      const program = await startMiner(miner, { chain, workspace, subnet, machines });
      programs.push(program);
      minerPrograms.set(miner.hotkey.address, program);
    }
    await waitUntilUp(signal, async () => {
      const published = await started.readPublished(signal);
      return [...minerPrograms].flatMap(([hotkey, program]) => (published.has(hotkey) ? [] : [program]));
    });
    const { validatorProgram, gatewayPort, metricsUrl, configFile } = await startValidator({
      config: {
        ...{ validator, chainUrl: chain.url, netuid: NETUID, periodMs: options.periodMs, dataDir: workspace.dataDir },
        ...{ operatorToken, subnet },
        minerNames: Object.fromEntries(miners.map(({ profile, hotkey }) => [hotkey.address, profile.name])),
      },
      ...{ wishedPort: options.port, workspace, programs, signal },
    });
    const baseUrl = `http://127.0.0.1:${gatewayPort}`;
    const gateway = createGatewayClient(baseUrl);
    const apiKey = await inTime(
      "The validator's `keys create` did not end in two minutes; run it again with --keep and see its log",
      signal,
      (limited) => createApiKey(paths.validator, configFile, limited),
    );
    events.onReady({ baseUrl, apiKey, operatorToken });
    watchMiners(programs, events, signal);

    const nameOf = createNameOf(miners, validator.hotkey.address);
    const organic = startOrganic({ baseUrl, apiKey }, { gateway, subnet, periodMs: options.periodMs, signal });
    const startedAtMs = Date.now();
    const periods = await followPeriods({ gateway, chain, validatorProgram, workspace, subnet, nameOf, options, events, signal });
    const organicRequests = await organic.stop();
    if (!signal.aborted && periods.at(-1)?.miners.some(({ weight }) => weight > 0) === true) {
      events.onProgress("Waiting for the chain to open the last weights");
      const areOpen = await chain.waitForWeights(signal);
      if (!areOpen) events.onProgress("The validator has committed no weights for many epochs; those of before are shown");
    } else if (!signal.aborted && periods.length > 0) {
      events.onProgress("The last period pays nobody: there are no weights to wait for");
    }
    const chainReport = await readChain(chain, nameOf);
    return {
      format: "vision-localnet-report/1",
      startedAtMs,
      periodMs: options.periodMs,
      netuid: NETUID,
      validatorHotkey: validator.hotkey.address,
      miners: miners.map(({ profile, hotkey }) => ({
        profile: profile.name,
        description: profile.description,
        isHonest: profile.isHonest,
        hotkey: hotkey.address,
        uid: chainReport.neurons.find((neuron) => neuron.hotkey === hotkey.address)?.uid ?? 0,
        trueCapacityFactor: profile.trueCapacityFactor,
        declaredCapacityFactor: profile.declaredCapacityFactor,
      })),
      periods,
      chain: chainReport,
      organic: [...organicRequests],
      ownDelaySeconds: await readOwnDelaySeconds(metricsUrl),
    };
  } finally {
    await Promise.all(programs.map((program) => program.stop(GRACE_MS)));
    await Promise.all([...machines.values()].map((machine) => machine.close()));
    await endLeftDatabase(workspace);
    await chain?.close();
    if (options.isKept) events.onProgress(`Kept ${workspace.folder}`);
    else await workspace.remove();
  }
}

type ValidatorStart = {
  readonly config: Omit<Parameters<typeof createValidatorConfig>[0], "gatewayPort" | "metricsPort">;
  readonly wishedPort: number | null;
  readonly workspace: Workspace;
  /** Gets every program that was started, to be stopped. */
  readonly programs: Program[];
  readonly signal: AbortSignal;
};

/**
 * Starts the validator and waits until it serves. A port that was free when it was chosen may have been taken since, by another local subnet
 * that starts beside this one: then another is chosen, unless the port was asked for.
 */
async function startValidator({ config, wishedPort, workspace, programs, signal }: ValidatorStart) {
  const logFile = join(workspace.logs, "validator.log");
  for (let start = 1; ; start += 1) {
    const gatewayPort = await findFreePort(wishedPort ?? 8080);
    const metricsPort = await findFreePort();
    const metricsUrl = `http://127.0.0.1:${metricsPort}/metrics`;
    const configFile = await workspace.writeConfig("validator.json", createValidatorConfig({ ...config, gatewayPort, metricsPort }));
    const args = ["run", "--config", configFile];
    const validatorProgram = startProgram({ name: "validator", script: programPaths().validator, args, logFile });
    programs.push(validatorProgram);
    try {
      // The API's port may be somebody else's; that of the metrics is the validator's own, and opened last.
      await waitUntilUp(signal, async () => ((await readOwnDelaySeconds(metricsUrl)) === null ? [validatorProgram] : []));
      return { validatorProgram, gatewayPort, metricsUrl, configFile };
    } catch (error) {
      const isPortTaken = !validatorProgram.isRunning() && (await findFreePort(gatewayPort)) !== gatewayPort;
      if (!isPortTaken || wishedPort !== null || start === MOST_STARTS || signal.aborted) throw error;
      programs.pop();
    }
  }
}

/** Starts every machine that several of the profiles have together; `machines` gets them by name. */
async function startSharedMachines(subnet: LocalSubnet, machines: Map<string, SharedMachine>): Promise<void> {
  for (const { behaviour } of subnet.profiles) {
    const { sharedMachine, limitCapacityFactor } = behaviour;
    if (sharedMachine === null || machines.has(sharedMachine)) continue;
    machines.set(sharedMachine, await startSharedMachine(scaleCapacity(subnet, limitCapacityFactor ?? 1)));
  }
}

type MinerStart = {
  readonly chain: LocalChain;
  readonly workspace: Workspace;
  readonly subnet: LocalSubnet;
  readonly machines: ReadonlyMap<string, SharedMachine>;
};

async function startMiner(miner: LocalMiner, { chain, workspace, subnet, machines }: MinerStart): Promise<Program> {
  const paths = programPaths();
  const sharedMachineUrls = Object.fromEntries([...machines].map(([name, { url }]) => [name, url]));
  const where = { chainUrl: chain.url, netuid: NETUID, profileBackendPath: paths.profileBackend, sharedMachineUrls };
  const config = createMinerConfig({ miner, subnet, ...where });
  const configFile = await workspace.writeConfig(`${miner.profile.name}.json`, config);
  const logFile = join(workspace.logs, `${miner.profile.name}.log`);
  return startProgram({ name: miner.profile.name, script: paths.miner, args: ["run", "--config", configFile], logFile });
}

/** Does a part of the start that must not take longer than {@link STARTUP_MS}. */
async function inTime<Value>(complaint: string, signal: AbortSignal, start: (limited: AbortSignal) => Promise<Value>): Promise<Value> {
  const limit = AbortSignal.timeout(STARTUP_MS);
  try {
    return await start(anySignal([signal, limit]));
  } catch (error) {
    if (signal.aborted || !limit.aborted) throw error;
    throw new Error(complaint, { cause: error });
  }
}

/** An API key made the way an operator makes one. */
async function createApiKey(validatorScript: string, configFile: string, signal: AbortSignal): Promise<string> {
  const args = ["--no-warnings", validatorScript, "keys", "create", "--name", "localnet", "--config", configFile];
  const { stdout } = await run(process.execPath, [...args, "--requests-per-minute", "100000", "--concurrent", "1000"], {
    env: childEnvironment(process.env),
    signal,
  });
  const key = stdout.trim();
  if (key === "") throw new Error("The validator's `keys create` printed no key.");
  return key;
}

function watchMiners(programs: readonly Program[], events: LocalnetEvents, signal: AbortSignal): void {
  for (const program of programs) {
    void program.exited.then((code) => {
      if (!signal.aborted && code !== 0 && code !== null) events.onProgress(`The ${program.name} ended with exit code ${code}`);
    });
  }
}

/** Sends users' requests while the subnet runs: a round right at the start, then a few in every period. */
function startOrganic(
  target: OrganicTarget,
  { gateway, subnet, periodMs, signal }: { gateway: GatewayClient; subnet: LocalSubnet; periodMs: number; signal: AbortSignal },
) {
  const stopping = new AbortController();
  const stopSignal = AbortSignal.any([signal, stopping.signal]);
  const requests: OrganicRequest[] = [];
  const loop = async () => {
    for (let round = 0; !stopSignal.aborted; round += 1) {
      const period = (await gateway.latestPeriod())?.period ?? null;
      requests.push(...(await sendOrganicRound(target, subnet.draftRequests(round), period, stopSignal)));
      keepNewest(requests, KEPT_ORGANIC_REQUESTS);
      await sleep(Math.min(periodMs / 3, 20_000), undefined, { signal: stopSignal }).catch(() => undefined);
    }
  };
  const done = loop();
  return {
    async stop(): Promise<readonly OrganicRequest[]> {
      stopping.abort();
      await done;
      return requests;
    },
  };
}

type FollowOptions = {
  readonly gateway: GatewayClient;
  readonly chain: LocalChain;
  readonly validatorProgram: Program;
  readonly workspace: Workspace;
  readonly subnet: LocalSubnet;
  readonly nameOf: (hotkey: string) => string;
  readonly options: LocalnetOptions;
  readonly events: LocalnetEvents;
  readonly signal: AbortSignal;
};

/** Shows every finished period once; ends after the number asked for and when the chain holds the weights of the last one. */
async function followPeriods(follow: FollowOptions): Promise<LocalPeriod[]> {
  const { gateway, chain, validatorProgram, workspace, subnet, nameOf, options, events, signal } = follow;
  const periods: LocalPeriod[] = [];
  let lastPeriod: number | null = null;
  let earlyPeriods = 0;
  while (!signal.aborted && (options.periods === null || periods.length < options.periods)) {
    await refuseWhenEnded(validatorProgram);
    const report = await gateway.latestPeriod();
    if (report !== null && report.period !== lastPeriod) {
      lastPeriod = report.period;
      const period = toLocalPeriod(report, nameOf);
      // Large models take long to load, and a miner is offered nothing until its own has been.
      const isEarly = periods.length === 0 && options.modelPath !== null && !areAllTried(period, subnet);
      if (!isEarly) periods.push(period);
      else if (++earlyPeriods > MOST_EARLY_PERIODS)
        throw new Error(`Not all miners answer after ${earlyPeriods} periods; see ${workspace.logs}.`);
      keepNewest(periods, options.periods ?? KEPT_PERIODS);
      events.onPeriod(period, await readChain(chain, nameOf));
    }
    await sleep(300, undefined, { signal }).catch(() => undefined);
  }
  return periods;
}

function areAllTried({ miners }: LocalPeriod, { profiles }: LocalSubnet): boolean {
  const tried = miners.filter(({ tasks }) => tasks.some(({ requests }) => requests > 0)).map(({ profile }) => profile);
  return profiles.every(({ name }) => tried.includes(name));
}

async function readChain(chain: LocalChain, nameOf: (hotkey: string) => string): Promise<ChainReport> {
  const { metagraph, weights } = await chain.read();
  return toChainReport(metagraph, weights, nameOf);
}
