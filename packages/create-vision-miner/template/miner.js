// @ts-check
import { createHotkeyFromUri, createMiner, ready } from "@vision/sdk";
import { serve } from "@vision/sdk/node";
import { createBackend } from "./backend.js";
import { settings } from "./settings.js";
import { joinSubnet } from "./subnet.js";

await ready();
const { netuid, task, capacityPerHour, concurrency, host, port } = settings;
const subnet = netuid === undefined ? null : await joinSubnet({ ...settings, netuid });

const miner = createMiner({
  hotkey: subnet?.hotkey ?? createHotkeyFromUri("//Alice"), // a development key that everybody knows, on this machine only
  tasks: { [task]: { capacityPerHour, concurrency } },
  backend: createBackend(),
  ...(subnet === null ? {} : { validators: subnet.validators }),
});

const server = await serve(miner, { host, port });
let isStopping = false;
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, async () => {
    if (isStopping) process.exit(1); // a second signal does not wait for answers under way
    isStopping = true;
    await server.close();
    await subnet?.close();
  });
}

process.stderr.write(`Serving ${miner.taskIds.join(", ")} at ${server.url} as ${miner.hotkey}\n`);
subnet?.announce();
