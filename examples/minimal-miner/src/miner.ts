import { createHotkeyFromUri, createMiner, ready } from "@vision/sdk";
import { tiny } from "@vision/sdk/backends";
import { serve } from "@vision/sdk/node";

await ready();

const miner = createMiner({
  // A development key that everybody knows. On a real subnet: createHotkeyFromMnemonic, with the phrase read from a file.
  hotkey: createHotkeyFromUri(process.env["HOTKEY_URI"] ?? "//Alice"),
  tasks: { "chat-tiny": { capacityPerHour: 60_000 } },
  backend: tiny(),
});

export const server = await serve(miner, { port: Number(process.env["PORT"] ?? 8091) });
process.stderr.write(`Serving ${miner.taskIds.join(", ")} at ${server.url} as ${miner.hotkey}\n`);

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => server.close());
