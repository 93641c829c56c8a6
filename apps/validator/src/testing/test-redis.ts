import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort } from "@vision/program";

/** A real Redis for tests. */
export type TestRedis = {
  readonly url: string;
  /** What nobody else's keys begin with. */
  newPrefix(): string;
  stop(): Promise<void>;
};

/** A Redis of a test's own, which it may end and start again. */
export type OwnTestRedis = TestRedis & {
  /** Ends it at once; whatever it held is lost. */
  kill(): Promise<void>;
  /** Starts it again at the same port, empty. */
  restart(): Promise<void>;
  /** Stops it from answering, and lets it go on. */
  freeze(): void;
  thaw(): void;
};

const isInstalled = spawnSync("redis-server", ["--version"]).status === 0;

/** Whether tests can have a Redis: `REDIS_URL` names one, or there is a `redis-server`. */
export const hasTestRedis = process.env["REDIS_URL"] !== undefined || isInstalled;

/** Whether tests can have one of their own. */
export const hasOwnTestRedis = isInstalled;

const newPrefix = () => `{vision-test-${randomUUID()}}`;

/** Starts `redis-server` at a free port, without anything kept on the disk. */
export async function startOwnTestRedis(): Promise<OwnTestRedis> {
  const folder = await mkdtemp(join(tmpdir(), "vision-test-redis-"));
  const port = await findFreePort();
  let child: ChildProcess;
  const start = async () => {
    const argv = ["--bind", "127.0.0.1", "--port", String(port), "--save", "", "--appendonly", "no", "--dir", folder];
    child = spawn("redis-server", argv, { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise<void>((resolve, reject) => {
      child.stdout?.on("data", (chunk) => /ready to accept connections/i.test(String(chunk)) && resolve());
      child.once("exit", () => reject(new Error("redis-server did not start")));
    });
  };
  const kill = async () => {
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}/0`,
    newPrefix,
    kill,
    restart: start,
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The Redis that `REDIS_URL` names, or one that is started for these tests. */
export async function startTestRedis(): Promise<TestRedis> {
  const url = process.env["REDIS_URL"];
  return url === undefined ? startOwnTestRedis() : { url, newPrefix, stop: async () => undefined };
}
