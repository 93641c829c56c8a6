// A node for the conformance suite: a real subtensor runtime, executed by chopsticks from the raw chain spec given as the argument.
// Chopsticks is not a dependency of the project: it is looked for beside the spec. Prints its URL; ends when its input does.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { WebSocketServer } from "ws";

const specPath = process.argv[2];
const chopsticksPath = createRequire(pathToFileURL(specPath)).resolve("@acala-network/chopsticks-core");
const chopsticks = await import(pathToFileURL(chopsticksPath).href);
const { BuildBlockMode, ChopsticksProvider, GenesisProvider, getAuraSlotDuration, setup } = chopsticks.default ?? chopsticks;

const notifications = {
  chain_subscribeNewHead: "chain_newHead",
  state_subscribeRuntimeVersion: "state_runtimeVersion",
  author_submitAndWatchExtrinsic: "author_extrinsicUpdate",
};
const SLOT_MS = 1000;

const spec = JSON.parse(readFileSync(specPath, "utf8"));
const { top } = spec.genesis.raw;
// The runtime of a fast-block chain says 1 s but chopsticks' executor misreads it; see the settings in the documentation.
getAuraSlotDuration.cache.set(top["0x3a636f6465"], Promise.resolve(SLOT_MS));
const timestampKey = "0xf0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb";
const start = Buffer.alloc(8);
start.writeBigUInt64LE(BigInt(Math.floor(Date.now() / SLOT_MS) * SLOT_MS));
top[timestampKey] = `0x${start.toString("hex")}`;

const chain = await setup({
  genesis: new GenesisProvider(spec),
  buildBlockMode: BuildBlockMode.Instant,
  mockSignatureHost: false,
  allowUnresolvedImports: true,
  runtimeLogLevel: 0,
});
await chain.newBlock();
const provider = new ChopsticksProvider(chain);

const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
server.on("connection", (socket) => {
  socket.on("message", async (data) => {
    const { id, method, params } = JSON.parse(data.toString());
    const type = notifications[method];
    const reply = (body) => socket.send(JSON.stringify({ jsonrpc: "2.0", ...body }));
    try {
      let subscription = null;
      const listen = (_error, result) => reply({ method: type, params: { subscription, result } });
      const result = await (type === undefined ? provider.send(method, params) : provider.subscribe(type, method, params, listen));
      subscription = result;
      reply({ id, result: result ?? null });
    } catch (error) {
      reply({ id, error: { code: error.code ?? -32_000, message: error.message } });
    }
  });
});
server.on("listening", () => process.stdout.write(`ws://127.0.0.1:${server.address().port}\n`));
process.stdin.on("end", () => process.exit(0));
process.stdin.resume();
