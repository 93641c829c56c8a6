import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { measureInstall } from "./measure-install.js";
import { runCommand } from "./run-command.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const packages = ["protocol", "signing", "scoring", "chain", "tiny", "sdk", "devnet"] as const;
const entries = [
  "@vision/protocol",
  "@vision/signing",
  "@vision/scoring",
  "@vision/chain",
  "@vision/chain/wallet",
  "@vision/chain/weights",
  "@vision/chain/votes",
  "@vision/chain/testing",
  "@vision/devnet",
  "@vision/tiny",
  "@vision/sdk",
  "@vision/sdk/backends",
  "@vision/sdk/node",
  "@vision/sdk/client",
  "@vision/sdk/chain",
  "@vision/sdk/testing",
];
const typescript = join(root, "node_modules/typescript/bin/tsc");

let folder = "";
/** Tarballs of our packages by name, as dependencies of a folder beside them. */
let packed: Readonly<Record<string, string>> = {};

/** The published versions that the repository itself uses, so that nothing new has to be fetched. */
async function versionOf(name: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(root, "node_modules", name, "package.json"), "utf8"));
  return typeof manifest === "object" && manifest !== null && "version" in manifest ? String(manifest.version) : "";
}

async function buildWhatIsMissing(): Promise<void> {
  const missing = packages.filter((name) => !existsSync(join(root, "packages", name, "dist/index.d.cts")));
  const filters = missing.map((name) => `--filter=@vision/${name}`);
  if (!existsSync(join(root, "packages/create-vision-miner/dist/cli.js"))) filters.push("--filter=create-vision-miner");
  if (filters.length === 0) return;
  await runCommand(process.execPath, [join(root, "node_modules/turbo/bin/turbo"), "run", "build", ...filters], {
    cwd: root,
    timeoutMs: 400_000,
  });
}

async function install(cwd: string): Promise<void> {
  const quiet = ["--prefer-offline", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--loglevel=error"];
  await runCommand("npm", ["install", ...quiet], { cwd, timeoutMs: 240_000 });
}

beforeAll(async () => {
  await buildWhatIsMissing();
  folder = await mkdtemp(join(tmpdir(), "vision-packed-"));
  const workspaces = [...packages, "create-vision-miner"].flatMap((name) => ["-w", `packages/${name}`]);
  await runCommand("npm", ["pack", "--ignore-scripts", "--loglevel=error", "--pack-destination", folder, ...workspaces], {
    cwd: root,
    timeoutMs: 120_000,
  });
  const tarballs = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
  packed = Object.fromEntries(
    packages.map((name) => [`@vision/${name}`, `file:./${tarballs.find((tarball) => tarball.startsWith(`vision-${name}-`)) ?? "missing"}`]),
  );
  const manifest = {
    name: "stranger",
    private: true,
    type: "module",
    dependencies: {
      ...packed,
      "create-vision-miner": `file:./${tarballs.find((tarball) => tarball.startsWith("create-vision-miner-")) ?? "missing"}`,
      "@types/node": await versionOf("@types/node"),
    },
    // Nothing of @vision may come from a registry, not even as a dependency of a dependency.
    overrides: Object.fromEntries(packages.map((name) => [`@vision/${name}`, `$@vision/${name}`])),
  };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest, null, 2));
  await cp(fileURLToPath(new URL("consumer/", import.meta.url)), folder, { recursive: true });
  await install(folder);
}, 600_000);

afterAll(async () => {
  if (folder !== "") await rm(folder, { recursive: true, force: true });
});

async function typecheck(options: readonly string[]): Promise<void> {
  const common = ["--strict", "--exactOptionalPropertyTypes", "--target", "es2022", "--types", "node", "--skipLibCheck", "false"];
  await runCommand(process.execPath, [typescript, ...common, ...options, "miner.ts", "own-backend.ts"], {
    cwd: folder,
    timeoutMs: 120_000,
  });
}

describe("the packed packages, in a stranger's folder", () => {
  it("hold what they need and nothing that is only for us", async () => {
    const tiny = await readdir(join(folder, "node_modules/@vision/tiny/models"));
    expect(tiny).toEqual(expect.arrayContaining(["tiny-lm-q8_0.gguf", "tiny-emoji-diffusion-f16.gguf"]));
    const sdk = await readdir(join(folder, "node_modules/@vision/sdk/dist"));
    expect(sdk).toEqual(expect.arrayContaining(["index.js", "index.cjs", "index.d.ts", "index.d.cts"]));
    const sources = await readdir(join(folder, "node_modules/@vision/sdk/src"), { recursive: true });
    expect(sources.filter((name) => name.endsWith(".test.ts"))).toEqual([]);
  });

  it("type-check under node16 resolution, libraries included", async () => {
    await typecheck(["--module", "node16", "--moduleResolution", "node16", "--outDir", "out"]);
    expect(existsSync(join(folder, "out/miner.js"))).toBe(true);
  });

  it("type-check under bundler resolution, libraries included", async () => {
    await typecheck(["--module", "esnext", "--moduleResolution", "bundler", "--noEmit"]);
  });

  it("load as ES modules and as CommonJS, with the same exports", async () => {
    const esm = JSON.parse(
      await runCommand(process.execPath, ["load-esm.mjs", JSON.stringify(entries)], { cwd: folder, timeoutMs: 60_000 }),
    );
    const cjs = JSON.parse(
      await runCommand(process.execPath, ["load-cjs.cjs", JSON.stringify(entries)], { cwd: folder, timeoutMs: 60_000 }),
    );
    expect(cjs.loaded).toEqual(esm);
    for (const name of entries) expect(esm[name].length).toBeGreaterThan(0);
  });

  it("load no @polkadot/api with the SDK, except for its chain entry: it costs half a second and 100 MB", async () => {
    const sdkEntries = entries.filter((name) => name.startsWith("@vision/sdk") && name !== "@vision/sdk/chain");
    const { files } = JSON.parse(
      await runCommand(process.execPath, ["load-cjs.cjs", JSON.stringify(sdkEntries)], { cwd: folder, timeoutMs: 60_000 }),
    );
    expect(files.filter((file: string) => file.includes("@polkadot/api"))).toEqual([]);
  });

  it("load no cryptography and no HTTP client with the SDK's main entry until it is needed: it was 275 of 315 ms", async () => {
    const { files } = JSON.parse(
      await runCommand(process.execPath, ["load-cjs.cjs", JSON.stringify(["@vision/sdk"])], { cwd: folder, timeoutMs: 60_000 }),
    );
    expect(files.filter((file: string) => /node_modules\/(@polkadot|undici|axios)\//.test(file))).toEqual([]);
  });

  it("run the README's sample as a miner that answers a signed request, and the embedded model beside it", async () => {
    const answers: unknown = JSON.parse(await runCommand(process.execPath, ["drive.mjs"], { cwd: folder, timeoutMs: 60_000 }));
    expect(answers).toEqual({ sample: "from the model server", embedded: "The capital of Italy is Rome." });
  });

  it("let a stranger check a backend of their own with the shipped contract suite", async () => {
    const result: unknown = JSON.parse(await runCommand(process.execPath, ["out/own-backend.js"], { cwd: folder, timeoutMs: 60_000 }));
    expect(result).toEqual({ passed: expect.any(Number) });
  });
});

describe("`npm create vision-miner`, in a stranger's folder", () => {
  const create = (...words: string[]) =>
    runCommand(process.execPath, ["node_modules/create-vision-miner/dist/cli.js", ...words], { cwd: folder, timeoutMs: 60_000 });

  it.each([
    ["vllm", "--url", "http://127.0.0.1:9/v1"],
    ["ollama", "--url", "http://127.0.0.1:9/v1", "--model", "llama3.1:8b"],
    ["gguf", "--model", "nowhere.gguf"],
    ["function"],
    ["embedded"],
  ])("writes a project for %s whose own test passes", async (backend, ...options) => {
    const name = `created-${backend}`;
    await create(name, "--backend", backend, ...options, "--yes");
    const report = await runCommand(process.execPath, ["--test", "--test-reporter=tap"], { cwd: join(folder, name), timeoutMs: 120_000 });
    expect(report).toMatch(/# fail 0/);
    if (backend === "gguf") expect(report).toMatch(/# SKIP nowhere\.gguf is not there/);
    else expect(Number(/# pass (\d+)/.exec(report)?.[1])).toBeGreaterThan(8);
  });

  it("writes a project that type-checks as it is", async () => {
    const { include, ...compilerOptions } = { include: ["created-*/*.js"], allowJs: true, checkJs: true, noEmit: true };
    const options = { ...compilerOptions, strict: true, target: "es2022", module: "nodenext", types: ["node"], skipLibCheck: true };
    await writeFile(join(folder, "tsconfig.created.json"), JSON.stringify({ compilerOptions: options, include }));
    await runCommand(process.execPath, [typescript, "-p", "tsconfig.created.json"], { cwd: folder, timeoutMs: 120_000 });
  });

  it("writes a miner that serves and stops", async () => {
    const miner = spawn(process.execPath, ["miner.js"], {
      cwd: join(folder, "created-embedded"),
      env: { ...process.env, NODE_OPTIONS: "", PORT: "0" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const closed = once(miner, "close");
    for await (const chunk of miner.stderr) {
      if (/Serving chat-tiny at http/.test(String(chunk))) break;
    }
    miner.kill("SIGTERM");
    expect(await closed).toEqual([0, null]);
  });

  it("refuses a folder that is in use, and a command line that cannot be meant", async () => {
    await expect(create("created-embedded", "--yes")).rejects.toThrow(/is not empty/);
    await expect(create("elsewhere", "--backend", "vlm", "--yes")).rejects.toThrow(/--backend is one of vllm/);
  });
});

describe("`npm install @vision/sdk`, in a stranger's folder", () => {
  it("takes at most 70 MB and 80 packages, none of them under the GPL", async () => {
    const small = join(folder, "sdk-only");
    await mkdir(small);
    const tarballs = Object.fromEntries(Object.entries(packed).map(([name, file]) => [name, file.replace("file:./", "file:../")]));
    const { "@vision/sdk": sdk, ...others } = tarballs;
    await writeFile(
      join(small, "package.json"),
      JSON.stringify({ name: "small", private: true, dependencies: { "@vision/sdk": sdk }, overrides: others }),
    );
    await install(small);
    const installed = await measureInstall(join(small, "node_modules"));
    const megabytes = installed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / 1e6;
    const largest = [...installed]
      .sort((a, b) => b.sizeBytes - a.sizeBytes)
      .slice(0, 10)
      .map(({ name, sizeBytes }) => `${name} ${sizeBytes}`);
    expect(installed.map(({ name }) => name)).toContain("@vision/chain");
    expect({ isSmall: megabytes <= 70, megabytes, largest }).toMatchObject({ isSmall: true });
    expect(installed.length).toBeLessThanOrEqual(80);
    expect(installed.filter(({ license }) => /\bA?GPL/.test(license))).toEqual([]);
  }, 300_000);
});
