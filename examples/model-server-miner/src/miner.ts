import { readFile } from "node:fs/promises";
import { createHotkeyFromMnemonic, createHotkeyFromUri, createMiner, ready } from "@vision/sdk";
import { openaiCompatible } from "@vision/sdk/backends";
import { serve } from "@vision/sdk/node";

// vLLM:   MODEL_SERVER_URL=http://127.0.0.1:8000/v1
// Ollama: MODEL_SERVER_URL=http://127.0.0.1:11434/v1 MODEL=llama3.1:8b
const { MODEL_SERVER_URL = "http://127.0.0.1:8000/v1", MODEL, MNEMONIC_FILE, PORT = "8091", CAPACITY_PER_HOUR = "500000" } = process.env;

await ready();

/** What the server does in an hour when it does nothing else: tokens, the same for both tasks of the model. */
const task = { capacityPerHour: Number(CAPACITY_PER_HOUR), ...(MODEL === undefined ? {} : { model: MODEL }) };

const miner = createMiner({
  hotkey:
    MNEMONIC_FILE === undefined ? createHotkeyFromUri("//Alice") : createHotkeyFromMnemonic((await readFile(MNEMONIC_FILE, "utf8")).trim()),
  tasks: { "chat-llama-3-1-8b": task, "completion-llama-3-1-8b": task },
  // One GPU behind both: they declare 350,000 and 150,000 tokens an hour, and share its 32 slots.
  pools: { gpu0: { tasks: { "chat-llama-3-1-8b": 0.7, "completion-llama-3-1-8b": 0.3 }, concurrency: 32 } },
  backend: openaiCompatible({ baseUrl: MODEL_SERVER_URL }),
});

export const server = await serve(miner, { port: Number(PORT) });
process.stderr.write(`Serving ${miner.taskIds.join(", ")} at ${server.url} as ${miner.hotkey}, from ${new URL(MODEL_SERVER_URL).host}\n`);

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => server.close());
