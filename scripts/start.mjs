// `npm start`: builds the programs (cached after the first time) and runs a whole subnet on this machine. stdout belongs to the subnet.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { buildWorkspaces, root } from "./run-turbo.mjs";

const startedMs = Date.now();
console.error("Building the programs…");
buildWorkspaces(["@vision/localnet-app", "@vision/miner-app", "@vision/validator-app"]);
console.error(`Built in ${((Date.now() - startedMs) / 1000).toFixed(1)} s.`);

const child = spawn(process.execPath, [join(root, "apps", "localnet", "dist", "main.js"), ...process.argv.slice(2)], {
  cwd: root,
  stdio: ["inherit", "inherit", "inherit", "ipc"],
});
// Ctrl-C reaches the child by itself; a signal sent to this process alone has to be handed on. The child decides when all is stopped.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("exit", (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)));
