// `npm run release:rehearse`: signs the tags of a release with a key for the occasion, publishes every package to a registry of its own on
// this machine and installs from it as a stranger would: a miner by `npm create vision-miner`, whose own test has to pass. Everything lies in one folder that is removed at the end, npm's cache too.
import { execFile, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { buildWorkspaces, root } from "./run-turbo.mjs";
import { checkSigning, SIGNERS, signTagsWith, tagsHere, verifyTag } from "./sign-tags.mjs";

/** A registry that runs on Node 20; no dependency of the repository, as it is larger than most of them. */
const VERDACCIO = "6.5.0";
/** One of its dependencies asks for a tag in place of a version, which not every registry has, and which may be another one tomorrow. */
const VERDACCIO_OVERRIDES = { "node-fetch": "2.7.0" };
const START_MS = 60_000;
const COMMAND_MS = 300_000;
const GRACE_MS = 5_000;
const run = promisify(execFile);
const stopping = new AbortController();
for (const name of ["SIGINT", "SIGTERM"]) process.once(name, () => stopping.abort(new Error(`stopped by ${name}`)));

const say = (line) => process.stderr.write(`${line}\n`);

async function freePort() {
  const server = createServer();
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The packages that a release publishes: name, version, folder. */
async function readPackages() {
  const folders = (await readdir(join(root, "packages"))).map((name) => join(root, "packages", name));
  const read = async (folder) => ({ folder, ...JSON.parse(await readFile(join(folder, "package.json"), "utf8")) });
  return (await Promise.all(folders.map(read))).filter((manifest) => manifest.private !== true);
}

/** Ours are only here, so that nothing of the same name elsewhere can pass for them; all others come from where npm gets them. */
function registryConfig(folder, uplink, names) {
  const own = Object.fromEntries(names.map((name) => [name, { access: "$all", publish: "$all" }]));
  return JSON.stringify({
    storage: join(folder, "storage"),
    auth: {},
    web: { enable: false },
    uplinks: { outside: { url: uplink } },
    packages: { ...own, "**": { access: "$all", proxy: "outside" } },
    max_body_size: "100mb",
    log: { type: "stdout", format: "pretty", level: "warn" },
  });
}

/** Without what npm hands to its scripts, and with settings and a cache of its own. */
function strangersEnvironment(folder, changes) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name) && name !== "NODE_OPTIONS");
  const own = {
    npm_config_userconfig: join(folder, "npmrc"),
    npm_config_cache: join(folder, "cache"),
    npm_config_update_notifier: "false",
  };
  return { ...Object.fromEntries(inherited), ...own, ...changes };
}

async function startRegistry(folder, port, environment) {
  const home = join(folder, "verdaccio");
  await mkdir(home);
  const manifest = { private: true, dependencies: { verdaccio: VERDACCIO }, overrides: VERDACCIO_OVERRIDES };
  await writeFile(join(home, "package.json"), JSON.stringify(manifest));
  await run("npm", ["install", "--ignore-scripts"], { cwd: home, env: environment, timeout: COMMAND_MS, signal: stopping.signal });
  const child = spawn("npx", ["--no-install", "verdaccio", "--config", join(folder, "verdaccio.yaml"), "--listen", `127.0.0.1:${port}`], {
    ...{ cwd: home, env: environment, stdio: ["ignore", "pipe", "pipe"] },
    // npx starts others: they are ended together.
    detached: true,
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (printed = `${printed}${bytes}`.slice(-20_000)));
  let isOver = false;
  const over = new Promise((resolve) => child.once("close", resolve)).then(() => (isOver = true));
  child.once("error", (error) => (printed += error.message));
  const end = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // Ended already.
    }
  };
  const stop = async () => {
    end("SIGTERM");
    await Promise.race([over, sleep(GRACE_MS)]);
    end("SIGKILL");
    await over;
  };
  const untilMs = Date.now() + START_MS;
  while (!isOver && Date.now() < untilMs && !stopping.signal.aborted) {
    const answer = await fetch(`http://127.0.0.1:${port}/-/ping`).catch(() => null);
    if (answer?.ok) return { stop, printed: () => printed };
    await sleep(250);
  }
  await stop();
  stopping.signal.throwIfAborted();
  throw new Error(`Verdaccio ${VERDACCIO} did not start:\n${printed}`);
}

/**
 * Has the changesets of this repository tag a copy of its manifests as a release does, signed with a key for the occasion, and verifies every
 * tag as anybody can.
 */
async function rehearseTags(folder) {
  const copy = join(folder, "tagged");
  const key = join(folder, "signing-key");
  const git = (...words) => run("git", words, { cwd: copy, signal: stopping.signal });
  const packages = await readPackages();
  for (const path of ["package.json", "package-lock.json", join(".changeset", "config.json")]) await cp(join(root, path), join(copy, path));
  for (const { folder: source } of packages) await cp(join(source, "package.json"), join(copy, relative(root, source), "package.json"));
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "rehearsal", "-f", key]);
  await mkdir(join(copy, ".github"));
  await writeFile(join(copy, SIGNERS), `releases namespaces="git" ${await readFile(`${key}.pub`, "utf8")}`);
  await git("init", "--quiet", "--initial-branch=main");
  await git("config", "user.name", "rehearsal");
  await git("config", "user.email", "rehearsal@localhost");
  await git("add", "--all");
  await git("commit", "--quiet", "--message=rehearsal");
  signTagsWith(await readFile(key, "utf8"), { repository: copy, folder: join(folder, "signing") });
  checkSigning(copy);
  await run(join(root, "node_modules", ".bin", "changeset"), ["tag"], { cwd: copy, timeout: COMMAND_MS, signal: stopping.signal });
  const tags = tagsHere(copy);
  const missing = packages.map(({ name, version }) => `${name}@${version}`).filter((tag) => !tags.includes(tag));
  if (missing.length > 0) throw new Error(`No tag was made of ${missing.join(", ")}`);
  for (const tag of tags) verifyTag(tag, copy);
  say(`Signed and verified ${tags.join(", ")}`);
}

async function rehearse(folder) {
  const uplink = (await run("npm", ["config", "get", "registry"], { cwd: root })).stdout.trim();
  const port = await freePort();
  const registry = `http://127.0.0.1:${port}/`;
  const packages = await readPackages();
  const outside = strangersEnvironment(folder, { npm_config_registry: uplink });
  const inside = strangersEnvironment(folder, { npm_config_registry: registry });
  // npm publishes only with a token; this registry looks at none.
  await writeFile(join(folder, "npmrc"), `//127.0.0.1:${port}/:_authToken=rehearsal\nfund=false\naudit=false\n`);
  await writeFile(
    join(folder, "verdaccio.yaml"),
    registryConfig(
      folder,
      uplink,
      packages.map(({ name }) => name),
    ),
  );
  const npm = async (words, cwd) => (await run("npm", words, { cwd, env: inside, timeout: COMMAND_MS, signal: stopping.signal })).stdout;

  say(`Starting Verdaccio ${VERDACCIO}`);
  const server = await startRegistry(folder, port, outside);
  try {
    const tarballs = join(folder, "tarballs");
    await mkdir(tarballs);
    for (const { name, version, folder: source } of packages) {
      const [{ filename }] = JSON.parse(await npm(["pack", "--json", "--ignore-scripts", "--pack-destination", tarballs], source));
      await npm(["publish", join(tarballs, filename), "--access", "public", "--provenance=false"], folder);
      say(`Published ${name}@${version}`);
    }
    const home = join(folder, "stranger");
    await mkdir(home);
    await npm(["create", "--yes", "vision-miner@latest", "my-miner", "--", "--backend", "embedded", "--yes"], home);
    const project = join(home, "my-miner");
    await npm(["install"], project);
    const lock = JSON.parse(await readFile(join(project, "package-lock.json"), "utf8"));
    const ours = Object.entries(lock.packages).filter(([path]) => packages.some(({ name }) => path === `node_modules/${name}`));
    const foreign = ours.filter(([, { resolved }]) => !String(resolved).startsWith(registry));
    if (ours.length === 0 || foreign.length > 0) throw new Error(`Not from the rehearsal's registry: ${JSON.stringify(foreign)}`);
    say(`Installed ${ours.map(([path, { version }]) => `${path.slice("node_modules/".length)}@${version}`).join(", ")}`);
    await npm(["test"], project);
    say("A miner made from what was published passes its test.");
  } catch (error) {
    say(server.printed());
    throw error;
  } finally {
    await server.stop();
  }
}

buildWorkspaces();
const folder = await mkdtemp(join(tmpdir(), "vision-rehearsal-"));
try {
  await rehearseTags(folder);
  await rehearse(folder);
} catch (error) {
  say([error.message, error.stdout, error.stderr].filter(Boolean).join("\n"));
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
