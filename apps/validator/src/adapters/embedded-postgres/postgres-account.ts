import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { VisionError } from "@vision/protocol";

/** User and group ids that the server runs as. */
export type PostgresAccount = { readonly uid: number; readonly gid: number };

const run = promisify(execFile);

async function lookUp(name: string): Promise<PostgresAccount | null> {
  try {
    const [uid, gid] = await Promise.all([run("id", ["-u", name]), run("id", ["-g", name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return null;
  }
}

/**
 * The account that PostgreSQL runs as: null for "as we are". PostgreSQL refuses to run as root, so root starts it as the system user
 * `postgres`, which is created when it is missing; as `nobody` where users cannot be created.
 *
 * @throws {@link VisionError} `STORE_UNREACHABLE` when root has no such account at all.
 */
export async function findPostgresAccount(): Promise<PostgresAccount | null> {
  if (process.getuid?.() !== 0) return null;
  const existing = await lookUp("postgres");
  if (existing !== null) return existing;
  try {
    await run("useradd", ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", "postgres"]);
  } catch {
    // No useradd, or a read-only system: nobody is the fallback below.
  }
  const account = (await lookUp("postgres")) ?? (await lookUp("nobody"));
  if (account !== null) return account;
  throw new VisionError({
    code: "STORE_UNREACHABLE",
    message: "PostgreSQL does not run as root and this system has no user to run it as.",
    hint: "Run the validator as a normal user, create a user named postgres, or set DATABASE_URL.",
  });
}
