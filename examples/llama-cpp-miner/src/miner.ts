import { createHotkeyFromUri, createMiner, ready } from "@vision/sdk";
import { llamaCpp } from "@vision/sdk/backends";
import { serve } from "@vision/sdk/node";

// Needs: npm install node-llama-cpp
const { MODEL_PATH, THREADS = "1", PORT = "8091", HOTKEY_URI = "//Alice" } = process.env;
if (MODEL_PATH === undefined) throw new Error("Set MODEL_PATH to a GGUF file.");

await ready();

const miner = createMiner({
  hotkey: createHotkeyFromUri(HOTKEY_URI),
  tasks: { "chat-tiny": { capacityPerHour: 60_000, concurrency: 4 } },
  backend: llamaCpp({ modelPath: MODEL_PATH, threads: Number(THREADS), concurrency: 4 }),
});

export const server = await serve(miner, { port: Number(PORT) });
process.stderr.write(`Serving ${miner.taskIds.join(", ")} at ${server.url} as ${miner.hotkey}\n`);

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => server.close());
