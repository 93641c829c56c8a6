import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { build } from "esbuild";
import { readKeyfile, runWalletCommand, walletPaths } from "../src/wallet/index.js";
import { inspectKeyfile } from "../src/wallet/inspect-keyfile.js";

const KILLS = 8;
let programFolder: string;
let program: string;
let walletsPath: string;

beforeAll(async () => {
  programFolder = await mkdtemp(join(tmpdir(), "vision-wallet-program-"));
  program = join(programFolder, "make-wallets.mjs");
  await build({
    entryPoints: [join(import.meta.dirname, "fixtures", "make-wallets.ts")],
    ...{ outfile: program, bundle: true, format: "esm", platform: "node", target: "node20", logLevel: "error" },
    ...{ conditions: ["@vision/source"], absWorkingDir: join(import.meta.dirname, "..") },
    banner: { js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);' },
  });
});
afterAll(() => rm(programFolder, { recursive: true, force: true }));
beforeEach(async () => {
  walletsPath = await mkdtemp(join(tmpdir(), "vision-wallet-faults-"));
});
afterEach(() => rm(walletsPath, { recursive: true, force: true }));

type Made = { readonly index: number; readonly exitCode: number };

/** Starts the program behind a shell's words. Every line it prints goes to `onLine`; resolves when it has ended. */
async function makeWallets(
  options: { readonly first: number; readonly count: number; readonly shell?: string },
  onLine: (made: Made, child: ChildProcess) => void = () => undefined,
) {
  const { first, count, shell = "" } = options;
  const words = [process.execPath, program, walletsPath, String(first), String(count)].map((word) => `'${word}'`).join(" ");
  const child = spawn("sh", ["-c", `${shell} exec ${words}`], { stdio: ["ignore", "pipe", "inherit"] });
  const exit = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
  const made: Made[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const parsed: Made = JSON.parse(line);
    made.push(parsed);
    onLine(parsed, child);
  }
  const [, signal] = await exit;
  return { made, signal };
}

/** Every key in the folder opens or is not there, and what was said to be made is. */
async function expectWholeKeys(made: readonly Made[]): Promise<void> {
  const done = new Set(made.filter(({ exitCode }) => exitCode === 0).map(({ index }) => `w${index}`));
  for (const walletName of await readdir(walletsPath)) {
    const paths = walletPaths({ walletsPath, wallet: walletName, hotkey: "h" });
    for (const path of [paths.coldkey, paths.coldkeyPublic, paths.hotkey, paths.hotkeyPublic]) {
      const { state } = await inspectKeyfile(path);
      expect({ path, state }).toEqual({ path, state: done.has(walletName) || state !== "missing" ? "none" : "missing" });
      if (state === "none" && !path.includes("pub"))
        expect({ path, key: (await readKeyfile(path)).address }).toEqual({ path, key: expect.any(String) });
    }
  }
}

async function makeAgain(index: number): Promise<number> {
  const argv = ["new", "--wallet", `w${index}`, "--hotkey", "again", "--wallets-path", walletsPath, "--no-password"];
  return (await runWalletCommand(argv, { env: {} })).exitCode;
}

(process.platform === "win32" ? describe.skip : describe)("wallet files when a write breaks off", () => {
  it("kill -9 left an empty coldkey that passed for a wallet: each file is whole or not there, and the wallet can be made", async () => {
    const all: Made[] = [];
    let first = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      // The line of one wallet comes while the next is being written.
      const { made, signal } = await makeWallets({ first, count: 1_000 }, ({ index }, child) => {
        if (index >= first + (kill % 4)) child.kill("SIGKILL");
      });
      expect(signal).toBe("SIGKILL");
      all.push(...made);
      const next = (made.at(-1)?.index ?? first) + 1;
      expect(await makeAgain(next)).toBe(0);
      first = next + 1;
    }
    await expectWholeKeys(all);
  });

  it("a file that may not grow leaves no key", async () => {
    const { made } = await makeWallets({ first: 0, count: 2, shell: "trap '' XFSZ; ulimit -f 0;" });
    expect(made.map(({ exitCode }) => exitCode)).toEqual([1, 1]);
    await expectWholeKeys(made);
    expect(await makeAgain(0)).toBe(0);
  });

  it("a full disk leaves no key that cannot be opened, and the wallet can be made once there is room", async () => {
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=100k,mode=0700", "none", walletsPath], { stdio: "ignore" });
    } catch {
      process.stderr.write("Skipped: only root may mount the small disk that is to be filled.\n");
      return;
    }
    try {
      const { made } = await makeWallets({ first: 0, count: 20 });
      const failed = made.filter(({ exitCode }) => exitCode !== 0);
      expect(made.length - failed.length).toBeGreaterThan(2);
      expect(failed.length).toBeGreaterThan(2);
      await expectWholeKeys(made);
      await rm(join(walletsPath, "w0"), { recursive: true });
      await rm(join(walletsPath, "w1"), { recursive: true });
      expect(await makeAgain(failed[0]?.index ?? 0)).toBe(0);
    } finally {
      execFileSync("umount", [walletsPath]);
    }
  });
});
