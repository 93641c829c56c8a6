// Built package needed (`npm run build -w @vision/devnet`). Prints milliseconds; targets in brackets.
import { performance } from "node:perf_hooks";
import { ApiPromise, WsProvider } from "@polkadot/api";
import { Keyring } from "@polkadot/keyring";
import { createDevnet, runYuma, subtensorStorage } from "@vision/devnet";

const NETUID = 2;
const NEURONS = 256;
const VALIDATORS = 64;
const EXTRINSICS = 100;
const ROUNDS = 9;

const print = (name, ms, targetMs) => console.log(`${name.padEnd(64)} ${ms.toFixed(1).padStart(8)} ms  (target ${targetMs} ms)`);
const timed = async (run) => {
  const start = performance.now();
  await run();
  return performance.now() - start;
};
const median = async (run) => {
  const times = [];
  for (let round = 0; round < ROUNDS; round += 1) times.push(await timed(() => run(round)));
  return times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)];
};
const connect = (url) => ApiPromise.create({ provider: new WsProvider(url), noInitWarn: true });

const uids = Array.from({ length: NEURONS }, (_unused, uid) => uid);
const weights = uids.map((uid) => [uid, ((uid * 7919) % 65_535) + 1]);

const yumaNeurons = uids.map((uid) => ({
  stake: uid < VALIDATORS ? (BigInt(1000 + uid) * 1_000_000_000n) << 64n : 0n,
  lastUpdateBlock: 95n,
  registeredAtBlock: 1n,
  hasPermit: uid < VALIDATORS,
  weights: uid < VALIDATORS ? weights : [],
  bonds: uid < VALIDATORS ? weights : [],
  commitBlock: null,
}));
const yumaParameters = {
  currentBlock: 100n,
  tempoBlocks: 10n,
  activityCutoffBlocks: 50n,
  lastStepBlock: 90n,
  stakeThresholdRao: 0n,
  ownerUid: null,
  maxValidators: VALIDATORS,
  kappaU16: 32_767,
  bondsPenaltyU16: 65_535,
  bondsMovingAverage: 900_000n,
  isYuma3: true,
  emissionRao: 10_000_000_000n,
};

const devnet = await createDevnet({
  production: "manual",
  subnets: [
    {
      netuid: NETUID,
      ownerHotkey: null,
      hyperparameters: { tempoBlocks: 1, weightsRateLimitBlocks: 0n },
      neurons: uids.map((uid) => ({
        hotkey: `//hotkey${uid}`,
        coldkey: `//coldkey${uid % 8}`,
        stakeRao: uid < VALIDATORS ? 1_000_000_000_000n : 0n,
        hasPermit: uid < VALIDATORS,
      })),
    },
  ],
});

let api = await connect(devnet.url);
print(
  "API ready",
  await median(async () => {
    await api.disconnect();
    api = await connect(devnet.url);
  }),
  1000,
);

print("Yuma over 256 neurons and 64 validators", await median(() => runYuma(yumaNeurons, yumaParameters)), 100);

const state = devnet.chain.stateAt(devnet.chain.head.header.number);
for (let uid = 0; uid < VALIDATORS; uid += 1) state.put(subtensorStorage.weights, [NETUID, uid], weights);
// Weights count for neurons that were there before the validator's last update.
state.put(
  subtensorStorage.lastUpdate,
  [NETUID],
  uids.map(() => 1n),
);
devnet.node.setStorage(state.pending());
print("a block with an epoch over 256 neurons and 64 validators", await median(() => devnet.produceBlock()), 100);
const metagraph = async () => (await api.call.subnetInfoRuntimeApi.getMetagraph(NETUID)).toJSON();
print("a metagraph of 256 neurons in one round trip, decoded", await median(metagraph), 150);
const dividends = (await metagraph()).dividends.filter((share) => share > 0).length;
if (dividends !== VALIDATORS) throw new Error(`Only ${dividends} validators earned dividends`);

const keyring = new Keyring({ type: "sr25519" });
const pairs = uids.slice(0, EXTRINSICS).map((uid) => keyring.addFromUri(`//hotkey${uid}`));
const sign = (nonce) =>
  pairs.map((pair, uid) =>
    api.tx.subtensorModule
      .setWeights(NETUID, [uid], [1], 0)
      .sign(pair, { nonce, era: 0, genesisHash: api.genesisHash, blockHash: api.genesisHash, runtimeVersion: api.runtimeVersion })
      .toU8a(),
  );
const batches = Array.from({ length: ROUNDS }, (_unused, nonce) => sign(nonce));
// Epochs off: the block is to be that of its extrinsics.
const quiet = devnet.chain.stateAt(devnet.chain.head.header.number);
quiet.put(subtensorStorage.tempo, [NETUID], 60_000);
quiet.put(subtensorStorage.commitRevealWeightsEnabled, [NETUID], false);
devnet.node.setStorage(quiet.pending());
print(
  `a block with ${EXTRINSICS} extrinsics, their signatures checked`,
  await median((round) => {
    for (const bytes of batches[round]) {
      const submission = devnet.node.submit(bytes);
      if (!submission.ok) throw new Error(`Refused: ${JSON.stringify(submission.refusal)}`);
    }
    const { extrinsics } = devnet.produceBlock();
    if (extrinsics.length !== EXTRINSICS + 1) throw new Error(`${extrinsics.length - 1} of ${EXTRINSICS} extrinsics in the block`);
  }),
  500,
);

await api.disconnect();
await devnet.close();
