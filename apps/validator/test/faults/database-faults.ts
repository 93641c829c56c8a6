import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Fault } from "./fault.js";
import { type FaultySubnet, PERIOD_MS } from "./faulty-subnet.js";

const OTHERS = "from pg_stat_activity where pid <> pg_backend_pid() and datname is not null";

/** Lets a process go on, unless it was ended meanwhile. */
function letGoOn(pid: number): void {
  try {
    process.kill(pid, "SIGCONT");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Holds the database server still, all of its processes, while something goes on. */
export async function withHangingDatabase({ record }: Pick<FaultySubnet, "record">, goOn: () => Promise<void>): Promise<void> {
  const backends = await record.query<{ pid: number }>(`select pid ${OTHERS}`);
  const pids = [await record.serverPid(), ...backends.map(({ pid }) => pid)];
  for (const pid of pids) process.kill(pid, "SIGSTOP");
  try {
    await goOn();
  } finally {
    for (const pid of pids) letGoOn(pid);
  }
}

/** What befalls the embedded database: its server, its connections, its disk. */
export const databaseFaults: readonly Fault[] = [
  {
    name: "database: kill -9",
    async strike({ record }) {
      process.kill(await record.serverPid(), "SIGKILL");
    },
  },
  {
    name: "database: connections cut",
    async strike({ record }) {
      await record.query(`select pg_terminate_backend(pid) ${OTHERS}`);
    },
  },
  {
    name: "database: hangs for two periods",
    strike: (subnet) => withHangingDatabase(subnet, () => delay(2 * PERIOD_MS)),
  },
  {
    name: "database: full disk for two periods",
    skip: ({ isDiskOurs }) => (isDiskOurs ? null : "a small disk of its own can be mounted by root only"),
    async strike({ dataDir }) {
      const filler = join(dataDir, "filler");
      const block = Buffer.alloc(1024 * 1024);
      for (let isFull = false; !isFull; ) {
        await writeFile(filler, block, { flag: "a" }).catch(() => {
          isFull = true;
        });
      }
      try {
        await delay(2 * PERIOD_MS);
      } finally {
        await rm(filler, { force: true });
      }
    },
  },
];
