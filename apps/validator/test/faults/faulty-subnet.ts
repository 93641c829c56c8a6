import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { connect } from "@vision/chain";
import { createDevnet, type Devnet } from "@vision/devnet";
import { findFreePort } from "@vision/program";
import { createMiner, silentLogger } from "@vision/sdk";
import { tiny } from "@vision/sdk/backends";
import { serve } from "@vision/sdk/node";
import { createHotkeyFromUri, ready } from "@vision/signing";
import { type FaultyWay, openFaultyWay } from "../fixtures/faulty-way.js";
import { type MinerProgram, startMinerProgram } from "./miner-program.js";
import { createValidatorProgram, type ValidatorProgram } from "./validator-program.js";
import { readRecord, type ValidatorRecord } from "./validator-record.js";

export const PERIOD_MS = 2_000;
/** Longest that anything may take to go on. */
export const RECOVERY_MS = 60_000;
const TAO = 1_000_000_000n;
const netuid = 2;

/** A chain, two miners and the validator's program, all of which can be struck. */
export type FaultySubnet = {
  readonly folder: string;
  readonly dataDir: string;
  /** Whether the validator's data lie on a small disk of their own. */
  readonly isDiskOurs: boolean;
  readonly validator: ValidatorProgram;
  readonly record: ValidatorRecord;
  /** Between the validator and the chain. */
  readonly way: FaultyWay;
  /** Of `apps/miner`; the other miner runs in this process. */
  readonly minerProgram: MinerProgram;
  readonly hotkeys: { readonly miner: string; readonly program: string };
  readonly api: { readonly url: string; readonly key: string };
  /** Extrinsics with weights that came into blocks. */
  weightCalls(): number;
  /** Ends the chain, and starts the same one again from where it was. */
  awayChain(durationMs: number): Promise<void>;
  /** Polls another program until it is so, within {@link RECOVERY_MS}. */
  until(what: string, isSo: () => Promise<boolean>): Promise<void>;
  /** Stops everything, and says nothing of what is left. */
  close(): Promise<void>;
};

/** Starts it, and resolves when two periods have begun. */
export async function startFaultySubnet(): Promise<FaultySubnet> {
  await ready();
  const folder = await mkdtemp(join(tmpdir(), "vision-faults-"));
  // The database's own user reads the clock there.
  await chmod(folder, 0o711);
  const dataDir = join(folder, "data");
  await mkdir(dataDir);
  const isDiskOurs = mountSmallDisk(dataDir);
  const counts = { weightCalls: 0 };
  let devnet = await startDevnet(folder, 0, counts);
  const way = await openFaultyWay(devnet.port);
  const [hotkey, programHotkey] = [createHotkeyFromUri("//Bob//hotkey"), createHotkeyFromUri("//Charlie//hotkey")];
  const tasks = { "chat-tiny": { capacityPerHour: 500_000 } };
  const backend = tiny();
  const miner = await serve(createMiner({ hotkey, tasks, backend, logger: silentLogger }), { port: 0, host: "127.0.0.1", drainMs: 100 });
  const chain = await connect({ endpoints: [devnet.url] });
  await chain.publishEndpoint({ netuid, host: "127.0.0.2", port: miner.port, signer: hotkey });
  await chain.close();
  const [minerPort, apiPort] = [await findFreePort(), await findFreePort()];
  const minerProgram = await startMinerProgram(folder, {
    ...{ network: devnet.url, netuid, tasks, backends: { local: { kind: "tiny" } } },
    hotkey: { uri: "//Charlie//hotkey", areDevKeysAllowed: true },
    chain: { announce: { host: "127.0.0.3", port: minerPort } },
    listen: { host: "127.0.0.1", port: minerPort },
  });
  const validator = await createValidatorProgram(folder, {
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
  });
  const record = readRecord(dataDir);

  async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const deadlineMs = performance.now() + RECOVERY_MS;
    while (!(await isSo().catch(() => false))) {
      if (performance.now() > deadlineMs)
        throw new Error(`${what}: not within ${RECOVERY_MS / 1000} s; see ${join(folder, "validator.log")}`);
      await delay(50);
    }
  }

  validator.start();
  await until("the second period", async () => (await record.newestPeriod()) >= 2);
  const limits = ["--requests-per-minute", "1000000", "--concurrent", "100"];
  const key = validator.run("keys", "create", "--name", "user", ...limits);

  return {
    ...{ folder, dataDir, isDiskOurs, validator, record, way, minerProgram, until },
    hotkeys: { miner: hotkey.address, program: programHotkey.address },
    api: { url: `http://127.0.0.1:${apiPort}`, key },
    weightCalls: () => counts.weightCalls,
    async awayChain(durationMs) {
      const { port } = devnet;
      await devnet.close();
      await delay(durationMs);
      devnet = await startDevnet(folder, port, counts);
    },
    async close() {
      await validator.close();
      await miner.close();
      await minerProgram.close();
      await way.close();
      await devnet.close();
      if (isDiskOurs) execFileSync("umount", [dataDir]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function mountSmallDisk(folder: string): boolean {
  if (process.getuid?.() !== 0) return false;
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=400m,mode=0711", "none", folder], { stdio: "ignore" });
    return true;
  } catch {
    // A container without that right: the fault is skipped, and the table says why.
    return false;
  }
}

/** The chain, or the same one again from where it was. */
async function startDevnet(folder: string, port: number, counts: { weightCalls: number }): Promise<Devnet> {
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
      if (signed !== null && call.type === "SubtensorModule" && call.value[0].type === "set_weights") counts.weightCalls += 1;
    }
  });
  return started;
}
