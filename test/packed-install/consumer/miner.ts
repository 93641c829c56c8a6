// The README's sample, as a stranger would write it against the published packages.
import { createHotkeyFromUri, createMiner, ready } from "@vision/sdk";
import { openaiCompatible } from "@vision/sdk/backends";
import { serve } from "@vision/sdk/node";

await ready();
const hotkey = createHotkeyFromUri("//Alice");
const baseUrl = process.env["BASE_URL"] ?? "";

const miner = createMiner({ hotkey, tasks: { "chat-tiny": { capacityPerHour: 60_000 } }, backend: openaiCompatible({ baseUrl }) });
export const server = await serve(miner, { port: Number(process.env["PORT"] ?? 8091) });
