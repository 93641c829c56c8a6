import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { open, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { childEnvironment } from "@vision/program";
import { VisionError } from "@vision/protocol";
import pg from "pg";
import type { Logger } from "../../ports/index.js";
import { findPostgresBinaries, type PostgresBinaries } from "./find-binaries.js";
import { initialiseCluster, POSTGRES_USER } from "./initialise-cluster.js";
import { findPostgresAccount, type PostgresAccount } from "./postgres-account.js";
import { isProcessAlive, type PostmasterFile, readPostmasterFile } from "./postmaster-file.js";
import { processName } from "./process-name.js";
import { reachableBinaries, reachableDataDir } from "./reachable-path.js";
import { choosePort, readOptional, type ServerPaths, serverPaths } from "./server-files.js";
import { servesCluster } from "./serves-cluster.js";
import { sweepLeftovers } from "./sweep-leftovers.js";

const START_TIMEOUT_MS = 60_000; // crash recovery of a large database takes tens of seconds
const STOP_TIMEOUT_MS = 8_000;
const POLL_MS = 20;
const WATCH_MS = 1_000;
const LARGEST_LOG_BYTES = 16 * 1024 * 1024;

/** Where an embedded database keeps its things. */
export type EmbeddedPostgresOptions = {
  /** Folder of the database, made when missing. */
  readonly dataDir: string;
  /** False gives up safety against power loss for speed; for tests. */
  readonly isDurable?: boolean;
  readonly signal?: AbortSignal;
};

/** A running PostgreSQL server that belongs to a data folder. */
export type EmbeddedPostgres = {
  /** Connection URL with the password. The port stays the same over restarts as long as it is free. */
  url(database?: string): string;
  /** Process id of the server. */
  pid(): number;
  /** Whether the server was running already when it was asked for. */
  readonly isAdopted: boolean;
  /** File that the server logs to. */
  readonly logFile: string;
  /** Shuts the server down and waits until its process is gone. */
  stop(): Promise<void>;
  /** Leaves the server running and stops watching it; for who only adopted it for a moment. */
  release(): void;
};

/**
 * Runs the PostgreSQL server of a data folder: makes the cluster the first time, adopts a server that is still running (its validator
 * was killed), and starts it again when it dies, until {@link EmbeddedPostgres.stop}.
 *
 * @throws {@link VisionError} `STORE_UNREACHABLE` when it cannot run here; the hint names the log and the setting for a server of one's own.
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
  dependencies: { readonly logger: Logger; readonly binaries?: PostgresBinaries },
): Promise<EmbeddedPostgres> {
  const { logger } = dependencies;
  const account = await findPostgresAccount();
  const binaries = await reachableBinaries(dependencies.binaries ?? findPostgresBinaries(), account);
  const { server, isAdopted } = await withClearErrors(options.dataDir, async () => {
    const dataDir = await reachableDataDir(options.dataDir, account);
    await sweepLeftovers(dataDir);
    const started = new Server({ paths: serverPaths(dataDir), binaries, account, isDurable: options.isDurable ?? true, logger });
    return { server: started, isAdopted: await started.ensureRunning(options.signal) };
  });
  server.watch();
  return {
    url: (database = "postgres") => server.url(database),
    pid: () => server.pid(),
    isAdopted,
    logFile: server.logFile,
    stop: () => server.stop(),
    release: () => server.release(),
  };
}

/** Tells what the system refuses (a read-only or full disk, rights, a file in the way) with the folder's name and what to do. */
async function withClearErrors<Result>(dataDir: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (typeof cause !== "object" || cause === null || !("syscall" in cause) || !("message" in cause)) throw cause;
    throw new VisionError({
      code: "STORE_UNREACHABLE",
      message: `The embedded database cannot use its folder ${dataDir}: ${cause.message}.`,
      hint: "Make the folder writable for who runs the validator, free space on its disk, name another one (database.dataDir), or set DATABASE_URL.",
      cause,
    });
  }
}

/** Fast shutdown, then immediate shutdown, then by force. Resolves when the process is gone. */
async function endProcess(pid: number): Promise<void> {
  for (const [signal, waitMs] of [
    ["SIGINT", STOP_TIMEOUT_MS],
    ["SIGQUIT", 2_000],
    ["SIGKILL", 2_000],
  ] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    const deadlineMs = performance.now() + waitMs;
    while (performance.now() < deadlineMs) {
      if (!isProcessAlive(pid)) return;
      await delay(POLL_MS);
    }
  }
}

type ServerOptions = {
  readonly paths: ServerPaths;
  readonly binaries: PostgresBinaries;
  readonly account: PostgresAccount | null;
  readonly isDurable: boolean;
  readonly logger: Logger;
};

class Server {
  readonly #options: ServerOptions;
  #password = "";
  #running: { readonly pid: number; readonly port: number } | null = null;
  #watcher: NodeJS.Timeout | null = null;
  readonly #stopped = new AbortController();
  #restarting: Promise<void> | null = null;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  get logFile(): string {
    return this.#options.paths.logFile;
  }

  url(database: string): string {
    return `postgresql://${POSTGRES_USER}:${encodeURIComponent(this.#password)}@127.0.0.1:${this.#running?.port ?? 0}/${database}`;
  }

  pid(): number {
    return this.#running?.pid ?? 0;
  }

  /** Adopts or starts the server. True when it was running already. */
  async ensureRunning(signal: AbortSignal = this.#stopped.signal): Promise<boolean> {
    this.#password = await initialiseCluster(this.#options.paths, this.#options);
    const deadlineMs = performance.now() + START_TIMEOUT_MS;
    let lastProblem = "it did not become ready";
    for (let attempt = 0; performance.now() < deadlineMs; attempt += 1) {
      signal.throwIfAborted();
      const adopted = await this.#adopt(deadlineMs, signal);
      if (adopted !== null) {
        this.#running = adopted;
        return attempt === 0;
      }
      const started = await this.#start(deadlineMs, signal);
      if ("pid" in started) {
        this.#running = started;
        return false;
      }
      lastProblem = started.problem;
      // After a kill -9 the old server's children hold its shared memory for a moment.
      await delay(Math.min(100 * 2 ** attempt, 1_000), undefined, { signal });
      if (attempt >= 8) break;
    }
    throw new VisionError({
      code: "STORE_UNREACHABLE",
      message: `The embedded database in ${this.#options.paths.clusterDir} does not start: ${lastProblem}.`,
      hint: `See ${this.logFile}, or set DATABASE_URL to a PostgreSQL server of your own.`,
    });
  }

  watch(): void {
    this.#watcher = setInterval(() => {
      const running = this.#running;
      if (running === null || this.#restarting !== null || isProcessAlive(running.pid)) return;
      this.#options.logger.warn("The embedded database has ended; starting it again", { pid: running.pid });
      this.#restarting = this.ensureRunning()
        .then(
          () => this.#options.logger.info("The embedded database runs again", { pid: this.pid() }),
          (error: unknown) => {
            if (!this.#stopped.signal.aborted) this.#options.logger.error("The embedded database does not start", { error });
          },
        )
        .finally(() => {
          this.#restarting = null;
        });
    }, WATCH_MS);
    this.#watcher.unref();
  }

  release(): void {
    this.#stopped.abort(new Error("the database is being let go"));
    if (this.#watcher !== null) clearInterval(this.#watcher);
  }

  async stop(): Promise<void> {
    this.release();
    await this.#restarting;
    const running = this.#running;
    this.#running = null;
    if (running === null) return;
    await endProcess(running.pid);
  }

  /** The server that `postmaster.pid` names, if it is ours and answers; null when there is none. Waits while it starts or recovers. */
  async #adopt(deadlineMs: number, signal: AbortSignal): Promise<{ readonly pid: number; readonly port: number } | null> {
    const { clusterDir } = this.#options.paths;
    while (performance.now() < deadlineMs) {
      const file = await readPostmasterFile(clusterDir);
      if (file === null || !isProcessAlive(file.pid)) return null;
      const name = await processName(file.pid);
      if ((name !== null && !name.startsWith("postgres")) || (await servesCluster(file.pid, clusterDir)) === "another's") {
        // The id of a dead server was given to another program or another server; PostgreSQL itself would refuse to start over it.
        await rm(join(clusterDir, "postmaster.pid"), { force: true });
        return null;
      }
      if (file.isReady && file.port !== null) {
        const answer = await this.#ask(file.port);
        if (answer === "ours") return { pid: file.pid, port: file.port };
        if (answer === "another's") throw this.#confused(file.pid, file.port);
      }
      await delay(POLL_MS, undefined, { signal });
    }
    return null;
  }

  /** Nobody can tell here whether the process serves our files, and two servers on the same files would destroy them. */
  #confused(pid: number, port: number): VisionError {
    const { clusterDir, passwordFile } = this.#options.paths;
    return new VisionError({
      code: "STORE_UNREACHABLE",
      message: `${join(clusterDir, "postmaster.pid")} names process ${pid}, and the server on port ${port} is another one or takes another password.`,
      hint: `If that process is no server of this folder, remove postmaster.pid; if it is, restore ${passwordFile}.`,
    });
  }

  async #ask(port: number): Promise<"ours" | "another's" | "silent"> {
    const client = new pg.Client({
      host: "127.0.0.1",
      port,
      user: POSTGRES_USER,
      password: this.#password,
      database: "postgres",
      connectionTimeoutMillis: 2_000,
    });
    client.on("error", () => {});
    try {
      await client.connect();
      const { rows } = await client.query<{ data_directory: string }>("show data_directory");
      return rows[0]?.data_directory === this.#options.paths.clusterDir ? "ours" : "another's";
    } catch (error) {
      // 28P01: it does not take our password.
      return typeof error === "object" && error !== null && "code" in error && error.code === "28P01" ? "another's" : "silent";
    } finally {
      await client.end().catch(() => {});
    }
  }

  async #start(
    deadlineMs: number,
    signal: AbortSignal,
  ): Promise<{ readonly pid: number; readonly port: number } | { readonly problem: string }> {
    const { paths, binaries, account, isDurable } = this.#options;
    const port = await choosePort(paths.portFile);
    const logSize = await stat(paths.logFile).then(
      (status) => status.size,
      () => 0,
    );
    if (logSize > LARGEST_LOG_BYTES) await truncate(paths.logFile);
    const log = await open(paths.logFile, "a", 0o600);
    let child: ChildProcess;
    try {
      child = spawn(
        binaries.postgres,
        [
          ...["-D", paths.clusterDir, "-p", String(port)],
          ...["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=64"],
          ...(isDurable ? [] : ["-c", "fsync=off", "-c", "full_page_writes=off"]),
        ],
        // Its own process group: Ctrl-C in a terminal must reach the validator only, which then stops the database last.
        { ...(account ?? {}), env: childEnvironment(process.env), cwd: "/", stdio: ["ignore", log.fd, log.fd], detached: true },
      );
      await once(child, "spawn");
    } catch (error) {
      return { problem: error instanceof Error ? error.message : String(error) };
    } finally {
      await log.close();
    }
    child.unref();
    child.on("error", () => {});
    const pid = child.pid ?? 0;
    while (performance.now() < deadlineMs) {
      if (signal.aborted) {
        // Stopped while it was starting: nobody else knows of this process.
        await endProcess(pid);
        throw signal.reason;
      }
      if (child.exitCode !== null || child.signalCode !== null) return { problem: await this.#lastLogLine() };
      const file: PostmasterFile | null = await readPostmasterFile(paths.clusterDir);
      if (file?.pid === pid && file.isReady && file.port !== null) return { pid, port: file.port };
      await delay(POLL_MS);
    }
    child.kill("SIGQUIT");
    return { problem: "it did not become ready in time" };
  }

  async #lastLogLine(): Promise<string> {
    const lines = ((await readOptional(this.logFile)) ?? "").trim().split("\n").slice(-8);
    return lines.findLast((line) => /FATAL|PANIC|ERROR/.test(line)) ?? lines.at(-1) ?? "it ended at once";
  }
}
