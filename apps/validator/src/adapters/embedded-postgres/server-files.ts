import { randomBytes } from "node:crypto";
import { link, readFile, rename, unlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";

/** Paths inside an embedded database's data folder. */
export type ServerPaths = {
  readonly clusterDir: string;
  readonly logFile: string;
  readonly passwordFile: string;
  readonly portFile: string;
};

/** The paths inside a data folder. */
export function serverPaths(dataDir: string): ServerPaths {
  return {
    clusterDir: join(dataDir, "cluster"),
    logFile: join(dataDir, "postgres.log"),
    passwordFile: join(dataDir, "password"),
    portFile: join(dataDir, "port"),
  };
}

/** Text of a file, or null when it cannot be read. */
export async function readOptional(path: string): Promise<string | null> {
  return readFile(path, "utf8").catch(() => null);
}

/** Writes a file for the owner only, whole or not at all. */
async function writePrivate(path: string, text: string): Promise<void> {
  const partial = `${path}.${process.pid}`;
  await writeFile(partial, text, { mode: 0o600 });
  await rename(partial, path);
}

/** Writes a file for the owner only unless it exists: of several processes exactly one wins. */
export async function writeIfAbsent(path: string, text: string): Promise<void> {
  const partial = `${path}.${process.pid}`;
  await writeFile(partial, text, { mode: 0o600 });
  try {
    await link(partial, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    await unlink(partial);
  }
}

/** A password of 192 random bits that needs no escaping in a URL. */
export function newPassword(): string {
  return randomBytes(24).toString("base64url");
}

function canListen(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(null));
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === "object" && address !== null ? address.port : null;
      server.close(() => resolve(bound));
    });
  });
}

/** The remembered port when it is free, else another free one, which is remembered. */
export async function choosePort(portFile: string): Promise<number> {
  const remembered = Number.parseInt((await readOptional(portFile)) ?? "", 10);
  const isPlausible = Number.isInteger(remembered) && remembered > 1023 && remembered < 65_536;
  const port = (isPlausible ? await canListen(remembered) : null) ?? (await canListen(0));
  if (port === null) throw new Error("no free port on 127.0.0.1");
  if (port !== remembered) await writePrivate(portFile, `${port}\n`);
  return port;
}
