import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { platform, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import pg from "pg";
import { recordingLogger } from "../../testing/recording-logger.js";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./index.js";
import { isProcessAlive, readPostmasterFile } from "./postmaster-file.js";
import { sweepLeftovers } from "./sweep-leftovers.js";

let dataDir = "";
const running: EmbeddedPostgres[] = [];

async function start(): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, isDurable: false }, { logger: recordingLogger() });
  running.push(server);
  return server;
}

async function query(server: EmbeddedPostgres, text: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: server.url() });
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  dataDir = join(await mkdtemp(join(tmpdir(), "vision-embedded-")), "state");
});

afterAll(async () => {
  for (const server of running) await server.stop();
  await rm(join(dataDir, ".."), { recursive: true, force: true });
});

describe("startEmbeddedPostgres", () => {
  it("makes the cluster, keeps the password private, and answers", async () => {
    const server = await start();
    expect(server.isAdopted).toBe(false);
    expect(await query(server, "select 1 as one")).toEqual([{ one: 1 }]);
    expect((await stat(join(dataDir, "password"))).mode & 0o777).toBe(0o600);
  });

  (platform() === "linux" ? it : it.skip)(
    "another account could read the validator's passwords from the server's environment",
    async () => {
      const environment = await readFile(`/proc/${running.at(-1)?.pid()}/environ`, "latin1");
      expect(environment).toContain("PATH=");
      // Jest sets it in the environment of the process that runs this, and no test can set anything there.
      expect(environment).not.toContain("NODE_ENV=");
    },
  );

  it("adopts a server that runs already", async () => {
    const first = running.at(-1);
    const second = await start();
    expect(second.isAdopted).toBe(true);
    expect(second.pid()).toBe(first?.pid());
  });

  it("starts again after kill -9 of the server, on the same port, with what was committed", async () => {
    const before = running.at(-1);
    if (before === undefined) throw new Error("no server");
    await query(before, "create table kept as select 7 as n");
    await query(before, "checkpoint");
    const port = new URL(before.url()).port;
    process.kill(before.pid(), "SIGKILL");
    const after = await start();
    expect(after.pid()).not.toBe(0);
    expect(new URL(after.url()).port).toBe(port);
    expect(await query(after, "select n from kept")).toEqual([{ n: 7 }]);
  });

  it("leaves no process behind when it is stopped while it starts again", async () => {
    const server = running.at(-1);
    if (server === undefined) throw new Error("no server");
    for (const older of running.slice(0, -1)) older.release();
    process.kill(server.pid(), "SIGKILL");
    const restarting = start();
    await Promise.all([server.stop(), restarting]);
    const last = await restarting;
    const pid = last.pid();
    await last.stop();
    expect(isProcessAlive(pid)).toBe(false);
    expect(await readPostmasterFile(join(await realpath(dataDir), "cluster"))).toBeNull();
  });

  it("leaves no process behind and starts over the pid file of a program that is not PostgreSQL", async () => {
    const server = await start();
    const pid = server.pid();
    await Promise.all(running.map((each) => each.stop()));
    expect(isProcessAlive(pid)).toBe(false);

    await writeFile(join(dataDir, "cluster", "postmaster.pid"), `${process.pid}\n/elsewhere\n0\n1\n\n\n\nready\n`);
    const again = await start();
    expect(again.isAdopted).toBe(false);
    expect(await query(again, "select n from kept")).toEqual([{ n: 7 }]);
    await again.stop();
  });

  it("waited a minute and gave up over a stale pid file that names another server's process", async () => {
    const folder = join(dataDir, "..", "neighbour");
    const neighbour = await startEmbeddedPostgres({ dataDir: folder, isDurable: false }, { logger: recordingLogger() });
    const port = new URL(neighbour.url()).port;
    await writeFile(join(dataDir, "cluster", "postmaster.pid"), `${neighbour.pid()}\n/elsewhere\n0\n${port}\n\n\n\nready\n`);
    const mine = await start();
    expect(mine.isAdopted).toBe(false);
    expect(await query(mine, "select n from kept")).toEqual([{ n: 7 }]);
    expect(await query(neighbour, "select 1 as one")).toEqual([{ one: 1 }]);
    await mine.stop();
    await neighbour.stop();
  });

  it("kept what killed first starts had left half made", async () => {
    const folder = join(dataDir, "..", "swept");
    const dead = 2 ** 22 + 1; // above the largest process id
    await mkdir(join(folder, `cluster.partial-${dead}`, "data"), { recursive: true });
    await mkdir(join(folder, `cluster.partial-${process.ppid}`), { recursive: true });
    await writeFile(join(folder, `password.${dead}`), "x");
    await sweepLeftovers(folder);
    expect(await readdir(folder)).toEqual([`cluster.partial-${process.ppid}`]);
  });

  it("showed a stack trace for a folder that cannot be written", async () => {
    await writeFile(join(dataDir, "..", "file"), "");
    const blocked = join(dataDir, "..", "file", "state");
    await expect(startEmbeddedPostgres({ dataDir: blocked, isDurable: false }, { logger: recordingLogger() })).rejects.toMatchObject({
      code: "STORE_UNREACHABLE",
      message: expect.stringContaining(blocked),
      hint: expect.stringContaining("database.dataDir"),
    });
  });

  it("says what to do when the cluster cannot be made", async () => {
    const blocked = join(dataDir, "blocked");
    await mkdir(join(blocked, "cluster"), { recursive: true });
    await chmod(blocked, 0o711);
    await writeFile(join(blocked, "cluster", "occupied"), "");
    await expect(startEmbeddedPostgres({ dataDir: blocked, isDurable: false }, { logger: recordingLogger() })).rejects.toMatchObject({
      code: "STORE_UNREACHABLE",
      hint: expect.stringContaining("DATABASE_URL"),
    });
    expect(await readFile(join(blocked, "cluster", "occupied"), "utf8")).toBe("");
  });
});
