import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { takeOverBeacon } from "./beacon.js";
import { createHarness, type HarnessSource } from "./harness.js";

/** A real subtensor runtime: needs `SUBTENSOR_RAW_SPEC`, the path of a raw chain spec with `@acala-network/chopsticks-core` installed beside it. */
export function chopsticksSource(env: Readonly<Record<string, string | undefined>>): HarnessSource {
  const name = "a real subtensor runtime";
  const specPath = env["SUBTENSOR_RAW_SPEC"];
  if (specPath === undefined || specPath === "") return { name, skippedBecause: "SUBTENSOR_RAW_SPEC is not set" };
  if (!existsSync(specPath)) return { name, skippedBecause: "SUBTENSOR_RAW_SPEC names no file" };
  try {
    createRequire(pathToFileURL(specPath)).resolve("@acala-network/chopsticks-core");
  } catch {
    return { name, skippedBecause: "@acala-network/chopsticks-core is not installed beside SUBTENSOR_RAW_SPEC" };
  }
  return { name, start: () => start(specPath) };
}

async function start(specPath: string) {
  const program = fileURLToPath(new URL("chopsticks-node.mjs", import.meta.url));
  const child = spawn(process.execPath, [program, specPath], { stdio: ["pipe", "pipe", "ignore"] });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on("line", (line) => {
      if (line.startsWith("ws://")) resolve(line);
    });
    child.once("exit", (code) => reject(new Error(`The node ended with code ${code}.`)));
  });
  const harness = await createHarness(url, {
    async newBlocks(send, count) {
      await send("dev_newBlock", [{ count }]);
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  });
  return { ...harness, publishPulse: await takeOverBeacon(harness) };
}
