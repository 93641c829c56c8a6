// `npm run interop`, after the build: every interpreter named in BITTENSOR_PYTHON against a world of its own, and a table of what came of it.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { startWorld } from "./world.mjs";

const TIME_LIMIT_MS = 240_000; // a run takes half a minute; what hangs is a failure

/** The version of bittensor that an interpreter has, null without one. */
function versionOf(python) {
  const code = "import importlib.metadata as m; print(m.version('bittensor'))";
  const { status, stdout } = spawnSync(python, ["-c", code], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : null;
}

/** Runs the steps of one interpreter. Returns a line a step; a process that ends badly is a failed step of its own. */
async function runSteps(python, client) {
  const world = await startWorld();
  const home = mkdtempSync(join(tmpdir(), "interop-home-"));
  const script = join(import.meta.dirname, "python", client);
  const child = spawn(python, [script, JSON.stringify(world.facts)], {
    // Clients write wallets, caches and settings into the home folder.
    env: { ...process.env, HOME: home, PYTHONUNBUFFERED: "1", PYTHONDONTWRITEBYTECODE: "1", BT_LOGGING_LOGGING_DIR: home },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  let log = "";
  let results = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (log += chunk));
  child.stdio[3].on("data", (chunk) => (results += chunk));
  const timer = setTimeout(() => child.kill("SIGKILL"), TIME_LIMIT_MS);
  const [code, signal] = await once(child, "close");
  clearTimeout(timer);
  await world.stop();
  rmSync(home, { recursive: true, force: true });
  const steps = results.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
  const detail = signal === null ? `exit code ${code}` : `ended by ${signal}`;
  if (code !== 0) steps.push({ name: "the process", status: "failed", detail, seconds: 0 });
  if (steps.length === 0) steps.push({ name: "the process", status: "failed", detail: "it reported no step", seconds: 0 });
  return { steps, log };
}

function printTable(title, steps) {
  const width = Math.max(...steps.map(({ name }) => name.length));
  console.log(`\n${title}`);
  for (const { name, status, detail, seconds } of steps) {
    console.log(`  ${name.padEnd(width)}  ${status.padEnd(14)}  ${seconds.toFixed(1).padStart(5)} s  ${detail}`);
  }
}

let failureCount = 0;
for (const python of process.env.BITTENSOR_PYTHON.split(delimiter).filter((path) => path !== "")) {
  const version = versionOf(python);
  const major = Number(version?.split(".")[0]);
  const client = { 10: "client_10.py", 11: "client_11.py" }[major];
  if (client === undefined) {
    console.error(`BITTENSOR_PYTHON: ${version === null ? "bittensor is not installed there" : `no steps for bittensor ${version}`}.`);
    failureCount += 1;
    continue;
  }
  const { steps, log } = await runSteps(python, client);
  const failed = steps.filter(({ status }) => status === "failed");
  if (failed.length > 0) console.error(log.slice(-20_000));
  printTable(`bittensor ${version}`, steps);
  failureCount += failed.length;
}
if (failureCount > 0) console.error(`\n${failureCount} failed.`);
process.exit(failureCount === 0 ? 0 : 1);
