import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createHotkeyFromUri, ready } from "@vision/sdk";
import { encodePasswordVariable, passwordVariableName } from "@vision/sdk/chain";
import { createMinerClient } from "@vision/sdk/client";

const workspace = fileURLToPath(new URL("../", import.meta.url));
const fixtures = join(workspace, "test/fixtures");
// Inside the workspace, so that the bundle finds the embedded models as the real one does.
const outputFolder = join(workspace, "node_modules/.cache/program-test");
const program = join(outputFolder, "main.js");

let folder = "";

beforeAll(async () => {
  await ready();
  folder = await mkdtemp(join(tmpdir(), "vision-miner-program-"));
  const tsup = join(workspace, "../../node_modules/tsup/dist/cli-default.js");
  await promisify(execFile)(process.execPath, [tsup, "--out-dir", outputFolder, "--silent"], { cwd: workspace });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

type Run = { readonly child: ChildProcess; readonly lines: AsyncIterator<string>; readonly exited: Promise<number | null> };

function run(...commandArguments: readonly string[]): Run {
  const child = spawn(process.execPath, [program, ...commandArguments], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const exited = once(child, "exit").then(([code]) => code as number | null);
  const lines = createInterface({ input: child.stderr })[Symbol.asyncIterator]();
  return { child, lines, exited };
}

async function lineWith(lines: AsyncIterator<string>, text: string): Promise<Record<string, unknown>> {
  for (;;) {
    const line = await lines.next();
    if (line.done === true) throw new Error(`the program ended before it said "${text}"`);
    if (line.value.includes(text)) return JSON.parse(line.value);
  }
}

async function configFile(config: Record<string, unknown>): Promise<string> {
  const path = join(folder, "miner.json");
  const base = { hotkey: { uri: "//Alice", areDevKeysAllowed: true }, listen: { host: "127.0.0.1", port: 0 } };
  await writeFile(path, JSON.stringify({ ...base, tasks: { "chat-tiny": { capacityPerHour: 60_000 } }, ...config }));
  return path;
}

const task = {
  id: "chat-tiny",
  family: "chat-completions",
  displayName: "Tiny chat",
  model: "tiny-lm-q8_0",
  contextTokens: 512,
  maxCapacityPerHour: 10_000_000,
  typicalUnitsPerRequest: 32,
  timeoutMs: 15_000,
  target: { firstTokenMs: 400, unitsPerSecond: 80 },
  check: { kind: "none" },
  isEnabled: true,
} as const;

async function stream(port: number, onFirst: () => void) {
  const client = createMinerClient({ hotkey: createHotkeyFromUri("//Bob") });
  const target = { hotkey: createHotkeyFromUri("//Alice").address, host: "127.0.0.1", port };
  const request = { messages: [{ role: "user", content: "What is the capital of Italy?" }], max_tokens: 24, temperature: 0, seed: 1 };
  const reply = await client.send(target, { task, request, isStream: true });
  if (reply.kind !== "stream") throw new Error(`expected a stream, got ${JSON.stringify(reply)}`);
  let text = "";
  for await (const event of reply.events) {
    text += JSON.parse(event.data).choices[0]?.delta?.content ?? "";
    onFirst();
  }
  const end = reply.getEnd();
  await client.close();
  return { text, end };
}

/** What the miner declares of chat-tiny. */
async function declaredAt(port: number): Promise<number | undefined> {
  const client = createMinerClient({ hotkey: createHotkeyFromUri("//Bob") });
  const target = { hotkey: createHotkeyFromUri("//Alice").address, host: "127.0.0.1", port };
  const result = await client.getCapacities(target, { protocolVersion: "3.0", periodMs: 3_600_000, tasks: [task] });
  await client.close();
  return result.ok ? result.capacities.get("chat-tiny")?.capacityPerHour : undefined;
}

function portOf(line: Record<string, unknown>): number {
  return Number(new URL(String(line["url"])).port);
}

describe("vision-miner", () => {
  it("serves the embedded model from the bundle", async () => {
    const { child, lines, exited } = run("run", "--config", await configFile({ backends: { local: { kind: "tiny" } } }));
    const port = portOf(await lineWith(lines, "Miner is listening"));
    expect(await stream(port, () => undefined)).toEqual({ text: "The capital of Italy is Rome.", end: { ok: true } });
    child.kill("SIGINT");
    expect(await exited).toBe(0);
  });

  it.each(["SIGTERM", "SIGINT"] as const)(
    "finishes the answers under way when %s tells it to stop, and exits 0",
    async (signal) => {
      const backends = { slow: { kind: "module", path: join(fixtures, "slow-backend.mjs") } };
      const { child, lines, exited } = run("run", "--config", await configFile({ backends }));
      const port = portOf(await lineWith(lines, "Miner is listening"));
      let isStopping = false;
      const answer = await stream(port, () => {
        if (!isStopping) child.kill(signal);
        isStopping = true;
      });
      expect(answer).toEqual({ text: "first last", end: { ok: true } });
      expect((await lineWith(lines, "Miner is stopping"))["reason"]).toBe(signal);
      expect(await exited).toBe(0);
    },
    30_000,
  );

  it("reads its configuration again at SIGHUP, goes by what can be changed, and by nothing of a file with a mistake", async () => {
    const backends = { local: { kind: "tiny" } };
    const { child, lines, exited } = run("run", "--config", await configFile({ backends }));
    const port = portOf(await lineWith(lines, "Miner is listening"));
    await configFile({
      backends,
      tasks: { "chat-tiny": { capacityPerHour: 1_200, model: "other" } },
      listen: { host: "127.0.0.1", port: 1 },
    });
    child.kill("SIGHUP");
    expect((await lineWith(lines, "has changed"))["changed"]).toEqual(["tasks.chat-tiny.capacityPerHour"]);
    expect((await lineWith(lines, "until the next start"))["settings"]).toEqual(["listen.port", "tasks.chat-tiny.model"]);
    expect(await declaredAt(port)).toBe(1_200);
    await writeFile(join(folder, "miner.json"), '{ "tasks": {');
    child.kill("SIGHUP");
    await lineWith(lines, "everything stays as it was");
    expect(await declaredAt(port)).toBe(1_200);
    child.kill("SIGTERM");
    expect(await exited).toBe(0);
  });

  it("a SIGHUP while it started was a stop: it starts, then reads its configuration again", async () => {
    const config = await configFile({ backends: { local: { kind: "tiny" } } });
    const { child, lines, exited } = run("run", "--config", config, "--log-level", "debug");
    const first = await lines.next();
    child.kill("SIGHUP");
    expect(first.done === true || first.value.includes("Miner is listening")).toBe(false);
    await lineWith(lines, "was read again");
    child.kill("SIGTERM");
    expect(await exited).toBe(0);
  });

  it("shows and changes the capacity of a running miner", async () => {
    const config = await configFile({ backends: { local: { kind: "tiny" } }, control: { socket: "miner.sock" } });
    const { child, lines, exited } = run("run", "--config", config);
    const port = portOf(await lineWith(lines, "Miner is listening"));
    const capacity = (...more: readonly string[]) =>
      promisify(execFile)(process.execPath, [program, "capacity", "--config", config, ...more], { cwd: folder });
    expect((await capacity()).stdout).toMatch(/chat-tiny +- +60000 +8 +0 +up/);
    expect(JSON.parse((await capacity("chat-tiny=90000", "--json")).stdout).tasks["chat-tiny"].capacityPerHour).toBe(90_000);
    expect(await declaredAt(port)).toBe(90_000);
    await expect(capacity("image-tiny=1")).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining("not served") });
    // The file is what counts from a reload on.
    child.kill("SIGHUP");
    await lineWith(lines, "has changed");
    expect(await declaredAt(port)).toBe(60_000);
    child.kill("SIGTERM");
    expect(await exited).toBe(0);
    await expect(capacity()).rejects.toMatchObject({ code: 3, stderr: expect.stringContaining("No miner listens") });
  });

  // Of util-linux: a terminal for a program that has none.
  const itAtATerminal = existsSync("/usr/bin/script") && process.platform === "linux" ? it : it.skip;
  itAtATerminal("finishes the answers under way when its terminal is closed, though nothing can be written there any more", async () => {
    const config = await configFile({ backends: { slow: { kind: "module", path: join(fixtures, "slow-backend.mjs") } } });
    await promisify(execFile)("mkfifo", [join(folder, "ended")]);
    const ended = readFile(join(folder, "ended"), "utf8");
    // Ends with the terminal, upon which what runs at the terminal is told; the inner one lives on to tell how the miner ended.
    const inner = `trap "" HUP; ${process.execPath} ${program} run --config ${config}; echo $? > ended`;
    const terminal = spawn("/usr/bin/script", ["-qec", `sh -c '${inner}'; :`, "/dev/null"], {
      cwd: folder,
      stdio: ["pipe", "pipe", "ignore"],
    });
    const lines = createInterface({ input: terminal.stdout })[Symbol.asyncIterator]();
    const port = portOf(await lineWith(lines, "Miner is listening"));
    const answer = await stream(port, () => terminal.kill("SIGKILL"));
    expect(answer).toEqual({ text: "first last", end: { ok: true } });
    // 128 and the number of SIGHUP: Node.js aborted (134) as it exited at a terminal that was gone.
    expect(await ended).toBe("129\n");
  });

  it("is gone at once when it is told to stop again, later than a terminal's doubled Ctrl-C", async () => {
    const backends = { hanging: { kind: "module", path: join(fixtures, "hanging-backend.mjs") } };
    const { child, lines, exited } = run("run", "--config", await configFile({ backends }));
    const port = portOf(await lineWith(lines, "Miner is listening"));
    const answering = stream(port, () => child.kill("SIGTERM"));
    await lineWith(lines, "Miner is stopping");
    const insisting = setInterval(() => child.kill("SIGINT"), 200);
    const exitCode = await exited;
    clearInterval(insisting);
    expect(exitCode).toBe(0);
    expect((await answering).end).toMatchObject({ ok: false });
  });

  it("ends when the program that started it is gone", async () => {
    const config = await configFile({ backends: { local: { kind: "tiny" } } });
    const child = spawn(process.execPath, [program, "run", "--config", config], { cwd: folder, stdio: ["ignore", "pipe", "pipe", "ipc"] });
    const exited = once(child, "exit").then(([code]) => code as number | null);
    if (child.stderr === null) throw new Error("the program has no stderr");
    const lines = createInterface({ input: child.stderr })[Symbol.asyncIterator]();
    await lineWith(lines, "Miner is listening");
    child.disconnect();
    expect((await lineWith(lines, "Miner is stopping"))["reason"]).toBe("disconnect");
    expect(await exited).toBe(0);
  });

  it("ends when the program that started it is gone before it could listen for that", async () => {
    const config = await configFile({ backends: { local: { kind: "tiny" } } });
    const child = spawn(process.execPath, [program, "run", "--config", config], { cwd: folder, stdio: ["ignore", "pipe", "pipe", "ipc"] });
    child.disconnect();
    const [code] = await once(child, "exit");
    expect(code).toBe(0);
  });

  it("makes a wallet, its coldkey encrypted, and runs with its hotkey alone", async () => {
    const walletsPath = join(folder, "wallets");
    const coldkeyPath = join(walletsPath, "mine", "coldkey");
    const wallet = (...more: readonly string[]) =>
      promisify(execFile)(process.execPath, [program, "wallet", ...more, "--wallet-path", walletsPath], {
        env: { ...process.env, [passwordVariableName(coldkeyPath)]: encodePasswordVariable(coldkeyPath, "open sesame") },
      });
    const made = await wallet("new", "--wallet-name", "mine", "--wallet-hotkey", "gpu");
    expect((await readFile(coldkeyPath)).subarray(0, 5).toString("latin1")).toBe("$NACL");
    const hotkey = JSON.parse(await readFile(join(walletsPath, "mine", "hotkeys", "gpu"), "utf8"));
    const listed = await wallet("list");
    const shown = await wallet("show", "--wallet-name", "mine");
    for (const { stdout, stderr } of [made, listed, shown]) {
      expect(stdout).toContain(hotkey.ss58Address);
      for (const secret of [hotkey.secretPhrase, hotkey.secretSeed.slice(2), hotkey.privateKey.slice(2), "open sesame"]) {
        expect(stdout + stderr).not.toContain(secret);
      }
    }
    expect((await wallet("show", "--wallet-name", "mine", "--wallet-hotkey", "gpu", "--show-secret")).stdout).toContain(
      hotkey.secretPhrase,
    );

    await rm(coldkeyPath);
    const config = await configFile({
      hotkey: {},
      wallet: { name: "mine", hotkey: "gpu", path: "wallets" },
      backends: { local: { kind: "tiny" } },
    });
    const { child, lines, exited } = run("run", "--config", config);
    expect((await lineWith(lines, "Miner is listening"))["hotkey"]).toBe(hotkey.ss58Address);
    child.kill("SIGTERM");
    expect(await exited).toBe(0);
  });

  it("tells its version, explains the wallet commands and refuses others", async () => {
    const version = await promisify(execFile)(process.execPath, [program, "--version"]);
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const help = await promisify(execFile)(process.execPath, [program, "wallet", "--help"]);
    expect(help.stdout).toContain("wallet new --wallet-name NAME");
    await expect(promisify(execFile)(process.execPath, [program, "wallet", "frobnicate"])).rejects.toMatchObject({ code: 2 });
  });

  it("refuses to register without a maximum, a subnet and a wallet", async () => {
    const register = (...more: readonly string[]) => promisify(execFile)(process.execPath, [program, "register", ...more], { cwd: folder });
    await expect(register("--wallet-name", "mine", "--netuid", "2")).rejects.toMatchObject({
      stderr: expect.stringContaining("--max-burn"),
    });
    await expect(register("--max-burn", "lots")).rejects.toMatchObject({ stderr: expect.stringContaining("an amount of TAO such as 0.5") });
    await expect(register("--max-burn", "1")).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/netuid .*is missing.*\n.*network .*is missing.*\n.*hotkey: is missing/),
    });
    const place = ["--network", "ws://127.0.0.1:1", "--netuid", "2", "--max-burn", "1"];
    await writeFile(join(folder, "seed.txt"), `0x${"01".repeat(32)}`);
    await expect(register(...place, "--hotkey-seed-file", "seed.txt")).rejects.toMatchObject({
      stderr: expect.stringContaining("--wallet-name"),
    });
  });

  it("says that the chain does not answer, and stops at once when it is told to meanwhile", async () => {
    const chain = { network: "ws://127.0.0.1:1", netuid: 1 };
    const { child, lines, exited } = run(
      "run",
      "--log-level",
      "debug",
      "--config",
      await configFile({ backends: { local: { kind: "tiny" } }, ...chain }),
    );
    await lineWith(lines, "127.0.0.1:1");
    const toldAtMs = performance.now();
    child.kill("SIGTERM");
    expect(await exited).toBe(0);
    expect(performance.now() - toldAtMs).toBeLessThan(5000);
  });

  it("prints every mistake and exits 2", async () => {
    const path = await configFile({ backends: { local: { kind: "magic" } } });
    const { child, exited } = run("check-config", "--config", path, "--listen-port", "eighty");
    let errors = "";
    child.stderr?.on("data", (data) => {
      errors += data;
    });
    expect(await exited).toBe(2);
    expect(errors).toContain("has 2 mistakes");
    expect(errors).toContain("--listen-port");
    expect(errors).toContain("backends.local.kind");
  });

  it("says what is in force when the configuration is fine", async () => {
    const { child, exited } = run("check-config", "--config", await configFile({ backends: { local: { kind: "tiny" } } }));
    let output = "";
    child.stdout?.on("data", (data) => {
      output += data;
    });
    expect(await exited).toBe(0);
    expect(output).toContain("chat-tiny");
  });
});
