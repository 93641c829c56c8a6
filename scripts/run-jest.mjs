import { spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "./run-turbo.mjs";

const reporter = join(import.meta.dirname, "tell-end-reporter.mjs");
const CAN_KILL_GROUPS = process.platform !== "win32";

/** How long a run may take: in all, and to end once its last test is over. */
const LIMITS = { runMs: 45 * 60_000, endMs: 15_000 };

/**
 * Runs Jest with arguments and resolves to its exit status, always: a test that fails may leave servers and processes open, which Jest (or
 * the pipes that they inherited) would wait for without end. Whatever is left of the run is ended with it.
 *
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, limits?: { runMs: number, endMs: number } }} options
 * @returns {Promise<number>} 124 when the run took too long.
 */
export async function runJest(args, { cwd = root, env = process.env, limits = LIMITS } = {}) {
  const jest = join(root, "node_modules", "jest", "bin", "jest.js");
  const flags = ["--experimental-vm-modules", "--no-warnings=ExperimentalWarning"];
  // Who watches wants the keyboard, and ends the run by hand.
  const isWatched = args.some((arg) => /^--watch(All)?$/.test(arg));
  const isGroup = CAN_KILL_GROUPS && !isWatched;
  // Reporters come last: jest takes a path that follows them for one more.
  const child = spawn(process.execPath, [...flags, jest, ...args, "--reporters=default", `--reporters=${reporter}`], {
    cwd,
    env,
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    detached: isGroup,
  });
  const kill = (signal) => {
    try {
      if (isGroup) process.kill(-child.pid, signal);
      else child.kill(signal);
    } catch (error) {
      if (error.code !== "ESRCH") throw error;
    }
  };
  const forward = ["SIGINT", "SIGTERM", "SIGHUP"].map((signal) => [signal, () => kill(signal)]);
  for (const [signal, listener] of forward) process.on(signal, listener);

  const status = await new Promise((resolve) => {
    let endTimer;
    const runTimer = isWatched
      ? undefined
      : setTimeout(() => {
          console.error(`The tests took longer than ${limits.runMs / 60_000} minutes and are ended.`);
          resolve(124);
        }, limits.runMs);
    const settle = (result) => {
      clearTimeout(runTimer);
      clearTimeout(endTimer);
      resolve(result);
    };
    child.on("message", ({ kind, isGood }) => {
      if (kind !== "run complete" || isWatched) return;
      endTimer = setTimeout(() => {
        console.error(
          "All tests are over, but some left servers, timers or processes open (jest --detectOpenHandles names them). They are ended.",
        );
        settle(isGood ? 0 : 1);
      }, limits.endMs);
    });
    child.on("error", (error) => {
      console.error(error);
      settle(1);
    });
    // Not "close": that waits for everybody who inherited a pipe.
    child.on("exit", (code) => settle(code ?? 1));
  });
  kill("SIGKILL");
  for (const [signal, listener] of forward) process.off(signal, listener);
  return status;
}
