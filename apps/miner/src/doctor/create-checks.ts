import {
  type ChainSight,
  chainPlace,
  checkChain,
  checkListener,
  checkNames,
  checkOutside,
  checkWallet,
  type DoctorCheck,
  type Finding,
  fail,
  judgeNeuron,
  neuronOf,
  ok,
  tellEnd,
  warn,
} from "@vision/program";
import type { InferenceBackend } from "@vision/sdk/backends";
import type { NeuronEndpoint } from "@vision/sdk/chain";
import type { ProbeResult } from "../chain/probe-endpoint.js";
import { leavesOf } from "../config/backend-config.js";
import { configuredEndpoint } from "../config/configured-endpoint.js";
import type { MinerConfig } from "../config/miner-config.js";
import { checkBackend } from "./check-backend.js";
import { judgePublished } from "./judge-published.js";

/** The surroundings that the checks look at. Promises are shared by several checks; they may reject. */
export type DoctorSurroundings = {
  readonly hotkey: Promise<{ readonly address: string }>;
  /** null without a chain. */
  readonly sight: Promise<ChainSight> | null;
  readonly backends: Promise<ReadonlyMap<string, InferenceBackend>>;
  readonly nowMs: () => number;
  /** Asks an endpoint who it is; never rejects. */
  probe(endpoint: NeuronEndpoint): Promise<ProbeResult>;
};

/** Everything that `vision-miner doctor` looks at, in the order of its lines. */
export function createChecks(config: MinerConfig, surroundings: DoctorSurroundings): readonly DoctorCheck[] {
  const { hotkey, sight, backends, nowMs, probe } = surroundings;
  const { host, port } = config.listen;
  const listener = tellEnd(
    checkListener({ name: "port", section: "listen", host, port, identify: () => identify({ hotkey, probe }, port) }),
  );
  return [
    checkWallet(hotkey),
    checkNames([...chainPlace(config).endpoints, ...serversOf(config)]),
    ...(sight === null ? [withoutChain] : onChain(config, { hotkey, sight, nowMs, probe })),
    listener.check,
    checkOutside({
      ...{ peer: config.doctor.peer, listen: { host, port }, lookedForAt: lookedForAt(config, { hotkey, sight }) },
      ...{ portIsLeft: listener.ended, speaksTls: true, announce: "chain.announce" },
    }),
    ...Object.keys(config.backends).map((name) => checkBackend(name, config, backends)),
  ];
}

const withoutChain: DoctorCheck = {
  name: "chain",
  run: async () => warn("none is configured: nobody finds this miner, and it earns nothing", "Set network and netuid, and chain.announce."),
};

function onChain(
  config: MinerConfig,
  { hotkey, sight, nowMs, probe }: Pick<DoctorSurroundings, "hotkey" | "nowMs" | "probe"> & { readonly sight: Promise<ChainSight> },
): readonly DoctorCheck[] {
  return [
    ...checkChain({ sight, hotkey, nowMs, registerCommand: "vision-miner register" }),
    {
      name: "endpoint",
      run: () =>
        judgeNeuron({ sight, hotkey }, async ({ neuron, address }) => {
          const found = neuron.endpoint === null ? null : await probe(neuron.endpoint);
          return judgePublished({ published: neuron.endpoint, configured: configuredEndpoint(config), probe: found, hotkey: address });
        }),
    },
  ];
}

/** Where validators look for the miner: where the chain says, or will say. */
async function lookedForAt(config: MinerConfig, { hotkey, sight }: Pick<DoctorSurroundings, "hotkey" | "sight">) {
  const configured = configuredEndpoint(config) ?? { host: null, port: config.listen.port };
  const [seen, own] = await Promise.all([sight, hotkey]).catch(() => [null, null]);
  return (seen === null || own === null ? null : neuronOf(seen, own.address)?.endpoint) ?? configured;
}

/** URLs of model servers. */
function serversOf({ backends }: MinerConfig): readonly string[] {
  return Object.values(backends)
    .flatMap(leavesOf)
    .flatMap((backend) => (backend.kind === "openai-compatible" ? [backend.baseUrl] : []));
}

/** A miner that runs already says who it is. */
async function identify({ hotkey, probe }: Pick<DoctorSurroundings, "hotkey" | "probe">, port: number): Promise<Finding | null> {
  const found = await probe({ host: "127.0.0.1", port });
  if (found.kind === "fails") return null;
  const own = await hotkey.then(
    ({ address }) => address,
    () => null,
  );
  if (found.hotkey === own) return ok(`this miner listens at port ${port} already`);
  return fail(`another miner, ${found.hotkey}, listens at port ${port}`, "Set listen.port to another port.");
}
