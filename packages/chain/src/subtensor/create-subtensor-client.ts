import { z } from "zod";
import { batchSetWeights } from "../calls/batch-weights.js";
import { commitWeightsHash, revealWeights } from "../calls/hash-commit.js";
import { register } from "../calls/register.js";
import { setWeights } from "../calls/set-weights.js";
import { addStake, publishEndpoint, registerNetwork, setCommitment, startSubnet } from "../calls/small-calls.js";
import type { CallOptions } from "../port.js";
import { readBalance, readNetworkRegistrationCost, readRegistrationCost, readStake, readUid, readWeights } from "../reads/read-accounts.js";
import { readBeacon } from "../reads/read-beacon.js";
import { readBlockAt } from "../reads/read-block-at.js";
import { readBlockTime } from "../reads/read-block-time.js";
import { readCommitments } from "../reads/read-commitments.js";
import { readEpochSchedule } from "../reads/read-epoch.js";
import { readHyperparameters } from "../reads/read-hyperparameters.js";
import { readMetagraph } from "../reads/read-metagraph.js";
import { readValidatorTrust } from "../reads/read-validator-trust.js";
import { createRpcClient } from "../rpc/rpc-client.js";
import type { OpenSocket } from "../rpc/socket.js";
import { blockOfHeader } from "../runtime/block-of-header.js";
import { parseRuntimeVersion } from "../runtime/load-runtime.js";
import { createRuntimeHolder } from "../runtime/runtime-holder.js";
import { createTurns, type Submitter } from "../submit/submitter.js";
import { type CallArguments, checkArguments, setWeightsArguments } from "./check-arguments.js";
import type { ConnectSettings } from "./connect-settings.js";
import { createNodeGreeter } from "./greet-node.js";
import { guard } from "./guard.js";
import { createHeads } from "./heads.js";
import type { SubtensorClient } from "./subtensor-client.js";

/** A client over the given kind of sockets. Resolves once the runtime is loaded. */
export async function createSubtensorClient(settings: ConnectSettings, openSocket: OpenSocket): Promise<SubtensorClient> {
  const { logger } = settings;
  const resetListeners = new Set<() => void>();
  const onReset = () => {
    heads.reset();
    for (const listener of [...resetListeners]) listener();
  };
  const holder = createRuntimeHolder({ logger });
  const greeter = createNodeGreeter({ endpointCount: settings.endpoints.length, nowMs: Date.now }, { holder, logger, onReset });
  const rpc = createRpcClient(settings, { openSocket, logger, handshake: greeter.greet });
  const heads = createHeads(settings, { rpc, runtime: holder.current, logger });
  heads.watch(greeter.noteBlock);
  const refreshRuntime = async () => {
    const before = holder.current();
    return (await holder.refresh((method, params) => rpc.request(method, params))) !== before;
  };
  const stopVersions = rpc.follow(
    {
      notification: "state_runtimeVersion",
      method: "state_subscribeRuntimeVersion",
      unsubscribeMethod: "state_unsubscribeRuntimeVersion",
      params: [],
    },
    (json) => {
      const current = holder.current()?.version;
      const next = z.unknown().transform(parseRuntimeVersion).safeParse(json).data;
      if (current !== undefined && next !== undefined && next.specVersion !== current.specVersion) {
        refreshRuntime().catch((error: unknown) => logger.warn("The new runtime could not be loaded", { reason: String(error) }));
      }
    },
  );
  const submitter: Submitter = {
    request: rpc.request,
    socket: rpc.socket,
    watchBlocks: heads.watch,
    inclusionPollMs: settings.inclusionPollMs,
    watchResets(listener) {
      resetListeners.add(listener);
      return () => resetListeners.delete(listener);
    },
    refreshRuntime,
    inTurn: createTurns(),
    inclusionTimeoutMs: settings.inclusionTimeoutMs,
    async runtime(signal) {
      const runtime = holder.current();
      if (runtime !== null) return runtime;
      await rpc.socket(signal);
      return holder.current() ?? submitter.runtime(signal);
    },
  };
  const close = async () => {
    stopVersions();
    heads.close();
    rpc.close();
  };
  const call = <T>(
    operation: string,
    given: CallArguments,
    options: CallOptions | undefined,
    run: (signal: AbortSignal | undefined) => Promise<T>,
  ): Promise<T> =>
    guard(operation, options?.signal, async () => {
      options?.signal?.throwIfAborted();
      checkArguments(operation, given);
      return run(options?.signal);
    });

  try {
    await call("connecting", {}, settings, (signal) => rpc.socket(signal));
  } catch (error) {
    await close();
    throw error;
  }

  return {
    close,
    watchBlocks: (listener) => heads.watch(listener),
    watchResets: submitter.watchResets,
    status() {
      const newest = heads.newest();
      return { endpoint: rpc.endpoint(), newestBlock: newest?.block ?? null, headAgeMs: newest?.ageMs ?? null };
    },
    getBlock: (options) =>
      call("the newest block", {}, options, async (signal) =>
        blockOfHeader(await submitter.runtime(signal), await rpc.request("chain_getHeader", [], signal)),
      ),
    getBlockHash: (blockNumber, options) =>
      call("a block's hash", { blockNumber }, options, async (signal) =>
        z
          .string()
          .nullable()
          .parse(await rpc.request("chain_getBlockHash", [blockNumber], signal)),
      ),
    getBlockAt: (unixMs, options) => call("the block of a time", {}, options, (signal) => readBlockAt(submitter, unixMs, { signal })),
    getChainInfo: (options) =>
      call("the chain's runtime", {}, options, async (signal) => {
        const { version, genesisHash } = await submitter.runtime(signal);
        return { specName: version.specName, specVersion: version.specVersion, genesisHash };
      }),
    getBlockTime: (options) => call("the chain's time", {}, options, (signal) => readBlockTime(submitter, { signal })),
    getMetagraph: (netuid, options) =>
      call("the metagraph", { netuid, atBlockHash: options?.atBlockHash }, options, (signal) =>
        readMetagraph(submitter, netuid, { signal, atBlockHash: options?.atBlockHash }),
      ),
    getHyperparameters: (netuid, options) =>
      call("the hyperparameters", { netuid }, options, (signal) => readHyperparameters(submitter, netuid, { signal })),
    getNextEpochBlock: (netuid, options) =>
      call(
        "the next epoch",
        { netuid },
        options,
        async (signal) => (await readEpochSchedule(submitter, netuid, { signal })).nextEpochBlock,
      ),
    getWeights: (netuid, uid, options) =>
      call("weights", { netuid, uid }, options, (signal) => readWeights(submitter, { netuid, uid }, { signal })),
    getCommitments: (netuid, options) =>
      call("commitments", { netuid, atBlockHash: options?.atBlockHash }, options, (signal) =>
        readCommitments(submitter, netuid, { signal, atBlockHash: options?.atBlockHash }),
      ),
    getValidatorTrust: (netuid, options) =>
      call("validators' trust", { netuid, atBlockHash: options?.atBlockHash }, options, (signal) =>
        readValidatorTrust(submitter, netuid, { signal, atBlockHash: options?.atBlockHash }),
      ),
    getBalance: (address, options) => call("a balance", { address }, options, (signal) => readBalance(submitter, address, { signal })),
    getStake: (key, options) => call("stake", { ...key }, options, (signal) => readStake(submitter, key, { signal })),
    getUid: (netuid, hotkey, options) =>
      call("a uid", { netuid, hotkey }, options, (signal) => readUid(submitter, { netuid, hotkey }, { signal })),
    getRegistrationCost: (netuid, options) =>
      call("the registration cost", { netuid }, options, (signal) => readRegistrationCost(submitter, netuid, { signal })),
    getNetworkRegistrationCost: (options) =>
      call("the network's cost", {}, options, (signal) => readNetworkRegistrationCost(submitter, { signal })),
    getBeacon: (options) => call("the beacon", {}, options, (signal) => readBeacon(submitter, { signal })),
    publishEndpoint: (request, options) =>
      call("publishing an endpoint", { ...request }, options, (signal) => publishEndpoint(submitter, request, signal)),
    setWeights: (request, options) =>
      call("setting weights", setWeightsArguments(request), options, (signal) => setWeights(submitter, request, signal)),
    setCommitment: (request, options) =>
      call("a commitment", { ...request }, options, (signal) => setCommitment(submitter, request, signal)),
    register: (request, options) => call("registering", { ...request }, options, (signal) => register(submitter, request, signal)),
    registerNetwork: (request, options) =>
      call("registering a network", { ...request }, options, (signal) => registerNetwork(submitter, request, signal)),
    startSubnet: (request, options) =>
      call("starting a subnet", { ...request }, options, (signal) => startSubnet(submitter, request, signal)),
    addStake: (request, options) => call("staking", { ...request }, options, (signal) => addStake(submitter, request, signal)),
    commitWeightsHash: (request, options) =>
      call("committing weights", { ...request }, options, (signal) => commitWeightsHash(submitter, request, signal)),
    revealWeights: (request, options) =>
      call("revealing weights", { ...request }, options, (signal) => revealWeights(submitter, request, signal)),
    batchSetWeights: (request, options) =>
      call("setting weights in a batch", { ...request }, options, (signal) => batchSetWeights(submitter, request, signal)),
  };
}
