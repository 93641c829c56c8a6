import { readFile } from "node:fs/promises";
import { createHotkeyFromMnemonic, createHotkeyFromUri, createMiner, ready } from "@vision/sdk";
import { openaiCompatible } from "@vision/sdk/backends";
import { serve } from "@vision/sdk/node";

// vLLM:   MODEL_SERVER_URL=http://127.0.0.1:8000/v1
// Ollama: MODEL_SERVER_URL=http://127.0.0.1:11434/v1 MODEL=llama3.1:8b
const { MODEL_SERVER_URL = "http://127.0.0.1:8000/v1", MODEL, MNEMONIC_FILE, PORT = "8091", CAPACITY_PER_HOUR = "500000" } = process.env;

await ready();

const miner = createMiner({
  hotkey:
    MNEMONIC_FILE === undefined ? createHotkeyFromUri("//Alice") : createHotkeyFromMnemonic((await readFile(MNEMONIC_FILE, "utf8")).trim()),
  tasks: {
    "chat-llama-3-1-8b": { capacityPerHour: Number(CAPACITY_PER_HOUR), concurrency: 32, ...(MODEL === undefined ? {} : { model: MODEL }) },
  },
  backend: openaiCompatible({ baseUrl: MODEL_SERVER_URL }),
});

export const server = await serve(miner, { port: Number(PORT) });
process.stderr.write(`Serving ${miner.taskIds.join(", ")} at ${server.url} as ${miner.hotkey}, from ${new URL(MODEL_SERVER_URL).host}\n`);

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => server.close());
