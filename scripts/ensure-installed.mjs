// Runs before `npm start` and `npm test`: installs what the lockfile names when something of it is missing, and nothing otherwise.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const marker = join(root, "node_modules", ".vision-install");
const minimum = [20, 19];

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < minimum[0] || (major === minimum[0] && minor < minimum[1])) {
  console.error(`Vision needs Node ${minimum.join(".")} or newer; this is ${process.versions.node}. Install a newer Node and try again.`);
  process.exit(1);
}

const lockText = readFileSync(join(root, "package-lock.json"), "utf8");
const digest = createHash("sha256").update(lockText).update(`${major} ${process.platform} ${process.arch}`).digest("hex");

if (isInstalled()) process.exit(0);

console.error("Installing dependencies (once)…");
const npm = process.env.npm_execpath;
const args = ["ci", "--loglevel=error", "--no-audit", "--no-fund", "--prefer-offline"];
const startedMs = Date.now();
const result = npm
  ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: ["ignore", 2, 2] })
  : spawnSync("npm", args, { cwd: root, stdio: ["ignore", 2, 2], shell: process.platform === "win32" });
if (result.status !== 0) {
  console.error("Installing failed; the reason stands above. Check the connection to the npm registry, then run the same command again.");
  process.exit(result.status ?? 1);
}
writeFileSync(marker, digest);
console.error(`Installed in ${((Date.now() - startedMs) / 1000).toFixed(0)} s.`);

function isInstalled() {
  if (existsSync(marker) && readFileSync(marker, "utf8") === digest) return true;
  const installedPath = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(installedPath)) return false;
  // Installed by hand: the same versions are good enough.
  const installed = JSON.parse(readFileSync(installedPath, "utf8")).packages;
  const wanted = JSON.parse(lockText).packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.startsWith("node_modules/") || entry.optional || entry.link) continue;
    if (installed[path]?.version !== entry.version) return false;
  }
  if (!Object.entries(wanted).every(([path, entry]) => !entry.link || existsSync(join(root, path)))) return false;
  writeFileSync(marker, digest);
  return true;
}
