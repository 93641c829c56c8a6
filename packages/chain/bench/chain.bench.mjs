// Built package needed (`npm run build -w @vision/chain -w @vision/devnet`). Prints milliseconds; targets in brackets.
import { performance } from "node:perf_hooks";
import { connect, encodeWeightsPayload, timelockEncrypt } from "@vision/chain";
import { createDevnet } from "@vision/devnet";

const NEURONS = 256;
const ROUNDS = 9;

async function median(run) {
  const times = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)];
}
const print = (name, ms, targetMs) => console.log(`${name.padEnd(48)} ${ms.toFixed(1).padStart(8)} ms  (target ${targetMs} ms)`);

const neurons = Array.from({ length: NEURONS }, (_unused, uid) => ({
  hotkey: `//Bench//${uid}`,
  coldkey: "//Alice",
  stakeRao: 1_000_000_000n,
}));
const devnet = await createDevnet({
  production: "manual",
  subnets: [{ netuid: 2, ownerHotkey: null, neurons }],
});
const start = performance.now();
const chain = await connect({ endpoints: [devnet.url] });
print("connect, with loading the library", performance.now() - start, 1000);
const { neurons: read } = await chain.getMetagraph(2);
print(`metagraph of ${read.length} neurons, one round trip`, await median(() => chain.getMetagraph(2)), 150);
await chain.close();
await devnet.close();

const weights = read.map((neuron) => ({ uid: neuron.uid, weightU16: 65_535 - neuron.uid }));
const payload = encodeWeightsPayload({ weights, versionKey: 1n, hotkeyPublicKey: new Uint8Array(32) });
timelockEncrypt(payload, 1_000_000);
print("timelock encryption of 256 weights", await median(() => timelockEncrypt(payload, 1_000_000)), 100);
