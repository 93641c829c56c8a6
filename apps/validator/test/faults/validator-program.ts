import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { appDir, bundlePrograms } from "../bundle-programs.js";

/** The validator as a program of its own, that can be struck and started again. */
export type ValidatorProgram = {
  start(environment?: Readonly<Record<string, string>>): void;
  /** Ends it, where it runs. */
  end(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
  /** The process that was started last. */
  process(): ChildProcess;
  hasEnded(): boolean;
  /** Sets what its clock is off, milliseconds. */
  setClock(offsetMs: number): Promise<void>;
  /** What a command of its command line prints. */
  run(...words: readonly string[]): string;
  /** What it has warned of since a place in its log, by message, the most told first; and where its log ends now. */
  readWarnings(from?: number): Promise<{ readonly told: readonly (readonly [string, number])[]; readonly end: number }>;
  /** Ends it, and removes what was made for it. */
  close(): Promise<void>;
};

/** Bundles the validator, and writes its settings; it is not started. Its log goes to `validator.log` in the folder. */
export async function createValidatorProgram(folder: string, config: object): Promise<ValidatorProgram> {
  const programs = await bundlePrograms("faults.tsup.config.mjs");
  const configFile = join(folder, "validator.json");
  const clockFile = join(folder, "clock-skew-ms");
  const logFile = join(folder, "validator.log");
  await writeFile(configFile, JSON.stringify(config));
  await writeFile(clockFile, "0");
  const commandOf = (words: readonly string[]) => [join(programs.folder, "main.js"), ...words, "--config", configFile];
  let child: ChildProcess;
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;

  async function end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    if (hasEnded()) return;
    const exit = once(child, "exit");
    child.kill(signal);
    await exit;
  }

  return {
    start(environment = {}) {
      const log = createWriteStream(logFile, { flags: "a" });
      const injector = pathToFileURL(join(appDir, "test", "fixtures", "fault-injector.mjs")).href;
      child = spawn(process.execPath, ["--import", injector, ...commandOf(["run"])], {
        cwd: appDir,
        stdio: ["ignore", "pipe", "pipe", "ipc"],
        env: { ...process.env, ...environment, VISION_FAULTS_CLOCK_FILE: clockFile },
      });
      child.stdout?.pipe(log, { end: false });
      child.stderr?.pipe(log, { end: false });
    },
    end,
    process: () => child,
    hasEnded,
    setClock: (offsetMs) => writeFile(clockFile, String(offsetMs)),
    run: (...words) => execFileSync(process.execPath, commandOf(words), { encoding: "utf8" }).trim(),
    async readWarnings(from = 0) {
      const text = (await readFile(logFile, "utf8")).slice(from);
      const counts = new Map<string, number>();
      for (const line of text.split("\n").filter((each) => each.startsWith("{") && each.endsWith("}"))) {
        const { level, message } = JSON.parse(line) as { readonly level: string; readonly message: string };
        if (level === "warn" || level === "error") counts.set(message, (counts.get(message) ?? 0) + 1);
      }
      return { told: [...counts].sort((a, b) => b[1] - a[1]), end: from + text.length };
    },
    async close() {
      await end("SIGTERM");
      await programs.remove();
    },
  };
}
