import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type ChainClient, connect, type Metagraph } from "@vision/chain";
import { createEmbeddedReference, createInProcessEngine } from "@vision/checking";
import { createDevnet, type Devnet } from "@vision/devnet";
import { findFreePort } from "@vision/program";
import { askVerdicts } from "@vision/sdk/client";
import { createHotkeyFromUri, ready } from "@vision/signing";
import { z } from "zod";
import { toValidatorConfig, validatorProgram } from "../src/config/index.js";
import { createValidator } from "../src/create-validator.js";
import { createDependencyGuard } from "../src/services/dependency-guard.js";
import { createMetagraphSync } from "../src/services/metagraph-sync.js";
import { createManualClock } from "../src/testing/manual-clock.js";
import { createMemoryStore } from "../src/testing/memory-store.js";
import { recordingLogger } from "../src/testing/recording-logger.js";
import { createRecordingMetrics } from "../src/testing/recording-metrics.js";

const netuid = 2;
await ready();
const [own, other, miner] = ["//V", "//W", "//M"].map((uri) => createHotkeyFromUri(uri));
if (own === undefined || other === undefined || miner === undefined) throw new Error("no keys");

/** A validator of the program's own parts beside a development node; only its database is in memory. */
describe("a validator that publishes where its API is", () => {
  const stop = new AbortController();
  let devnet: Devnet;
  let chain: ChainClient;
  let running: Promise<void>;
  let place = { host: "127.0.0.2", port: 0 };

  beforeAll(async () => {
    const validatorNeuron = { coldkey: "//Alice", stakeRao: 1_000_000_000_000n, hasPermit: true };
    devnet = await createDevnet({
      production: "instant",
      subnets: [
        {
          netuid,
          hyperparameters: { tempoBlocks: 360, servingRateLimitBlocks: 0n },
          neurons: [
            { hotkey: "//V", ...validatorNeuron },
            { hotkey: "//W", ...validatorNeuron },
            { hotkey: "//M", coldkey: "//Bob" },
          ],
        },
      ],
    });
    chain = await connect({ endpoints: [devnet.url] });
    place = { host: "127.0.0.2", port: await findFreePort() };
    await chain.publishEndpoint({ netuid, host: "127.0.0.2", port: 8091, signer: miner });
    const settings = {
      network: devnet.url,
      netuid,
      chain: { arePrivateEndpointsAllowed: true },
      hotkey: { uri: "//V", areDevKeysAllowed: true },
      gateway: { host: "0.0.0.0", port: place.port, announce: place },
      metrics: { isEnabled: false },
    };
    const validator = await createValidator({
      config: toValidatorConfig(z.strictObject(validatorProgram.shape).parse(settings)),
      signal: stop.signal,
      parts: {
        ...{ hotkey: own, store: createMemoryStore(), logger: recordingLogger() },
        reference: createEmbeddedReference(createInProcessEngine()),
      },
    });
    running = validator.run(stop.signal);
    await validator.ready;
  }, 60_000);

  afterAll(async () => {
    stop.abort();
    await running;
    await chain.close();
    await devnet.close();
  }, 60_000);

  const neuronOf = ({ neurons }: Metagraph) => neurons.find(({ hotkey }) => hotkey === own.address);

  /** The subnet once the validator is found in it: publishing makes a block. */
  function published(): Promise<Metagraph> {
    return new Promise((resolve, reject) => {
      const look = async () => {
        const metagraph = await chain.getMetagraph(netuid);
        if (neuronOf(metagraph)?.gatewayEndpoint === null) return;
        stopWatching();
        resolve(metagraph);
      };
      const stopWatching = chain.watchBlocks(() => void look().catch(reject));
      look().catch(reject);
    });
  }

  it("was found by nobody: a miner asks it there for its verdicts", async () => {
    expect(neuronOf(await published())).toMatchObject({ gatewayEndpoint: place, endpoint: null });
    const url = `http://${place.host}:${place.port}`;
    expect(await askVerdicts({ url, validator: own.address, hotkey: miner, sinceMs: 0 })).toMatchObject({
      ok: true,
      pages: [{ validator: own.address, miner: miner.address, verdicts: [] }],
    });
  }, 30_000);

  it("is no miner to another validator", async () => {
    const metagraph = await published();
    const [clock, logger, metrics] = [createManualClock(), recordingLogger(), createRecordingMetrics()];
    const guard = createDependencyGuard({ clock, logger, metrics });
    const options = { netuid, ownHotkey: other.address, arePrivateEndpointsAllowed: true };
    const sync = createMetagraphSync(options, { chain, guard, logger, metrics });
    expect(sync.miners(metagraph)).toEqual([{ hotkey: miner.address, host: "127.0.0.1", port: 8091 }]);
  }, 30_000);
});
