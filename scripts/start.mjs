// `npm start`: builds the programs (cached after the first time) and runs a whole subnet on this machine. stdout belongs to the subnet.
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const turbo = join(root, "node_modules", "turbo", "bin", "turbo");
const apps = ["localnet", "miner", "validator"];

const startedMs = Date.now();
console.error("Building the programs…");
const build = spawnSync(
  process.execPath,
  [turbo, "run", "build", ...apps.map((app) => `--filter=@vision/${app}-app`), "--output-logs=errors-only", "--no-update-notifier"],
  { cwd: root, stdio: ["ignore", 2, 2], env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" } },
);
if (build.status !== 0) {
  console.error("The build failed; the reason stands above.");
  process.exit(build.status ?? 1);
}
console.error(`Built in ${((Date.now() - startedMs) / 1000).toFixed(1)} s.`);

const child = spawn(process.execPath, [join(root, "apps", "localnet", "dist", "main.js"), ...process.argv.slice(2)], {
  cwd: root,
  stdio: ["inherit", "inherit", "inherit", "ipc"],
});
// Ctrl-C reaches the child by itself; a signal sent to this process alone has to be handed on. The child decides when all is stopped.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("exit", (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)));
