import { runCli } from "../src/commands/run-cli.js";

/** How a command ended, and what it wrote. */
export type VisionRun = { readonly exitCode: number; readonly out: string; readonly error: string };

/** Runs `vision-validator` in this process. `stopAt` tells it to stop as soon as it writes so to stderr. */
export async function runVision(
  argv: readonly string[],
  options: {
    readonly environment: Readonly<Record<string, string>>;
    readonly workingDirectory?: string;
    readonly stopAt?: RegExp | null;
  },
): Promise<VisionRun> {
  const { environment, workingDirectory = "/", stopAt = null } = options;
  let [out, error] = ["", ""];
  const stop = new AbortController();
  const exitCode = await runCli(argv, {
    environment,
    workingDirectory,
    writeOut: (text) => {
      out += text;
    },
    writeError: (text) => {
      error += text;
      if (stopAt?.test(text) === true) stop.abort(new Error("told to stop"));
    },
    signal: stop.signal,
  });
  return { exitCode, out, error };
}
