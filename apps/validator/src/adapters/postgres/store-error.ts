import { VisionError } from "@vision/protocol";

const networkCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EADDRNOTAVAIL",
  "ENOENT",
  "ENOTFOUND",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
  "ETIMEDOUT",
  "EPIPE",
  "EAI_AGAIN",
]);
// 08 connection exception, 28 a refused login, 3D000 no such database, 25006 a standby that has not been promoted, 53 out of resources,
// 55 objects not in a usable state (locks, a database that takes no connections), 57 the server shuts down, starts or cancels (57014 is
// our own time limit), 58 errors of the system below (EIO, a missing file), F0 its configuration, XX its own faults and damaged pages.
const serverCode = /^(08|28|3D000|25006|53|55|57|58|F0|XX)/;
const clientMessages =
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|not queryable|pool after calling end/i;

function codeOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** Whether an error of the driver means that the database cannot be used at the moment, rather than a mistake in a statement. */
export function isUnreachable(error: unknown): boolean {
  if (VisionError.isInstance(error, "STORE_UNREACHABLE")) return true;
  if (error instanceof AggregateError) return error.errors.some(isUnreachable);
  const code = codeOf(error);
  return networkCodes.has(code) || serverCode.test(code) || (error instanceof Error && clientMessages.test(error.message));
}

/** Whether a statement lost against a concurrent one and can simply be run again: deadlock or serialization failure. */
function isConflict(error: unknown): boolean {
  const code = codeOf(error);
  return code === "40P01" || code === "40001";
}

/**
 * Whether a row of a batch may be what an error comes from, so that the others go through without it: values that the server refuses
 * (class 22, bad data, and 23, a broken constraint), and what cannot even be serialised. Everything else is the database's or the
 * statement's fault: no row is ever given up for it.
 */
export function mayBeRowFault(error: unknown): boolean {
  return /^2[23]...$/.test(codeOf(error)) || error instanceof RangeError || error instanceof TypeError;
}

/**
 * Runs a piece of work against the database: once more after a lost conflict, and with every "the database is away" as one error.
 *
 * @throws {@link VisionError} `STORE_UNREACHABLE` while the database is away or ill; anything else passes through unchanged.
 */
export async function guard<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (cause) {
      if (isConflict(cause) && attempt < 5) continue;
      if (!isUnreachable(cause) || VisionError.isInstance(cause)) throw cause;
      throw new VisionError({
        code: "STORE_UNREACHABLE",
        message: `The database does not answer: ${cause instanceof Error && cause.message !== "" ? cause.message : codeOf(cause)}.`,
        hint: "Check that PostgreSQL runs and is well, and that the connection settings are right; what needs it goes on by itself when it is back.",
        facts: { code: codeOf(cause) },
        cause,
      });
    }
  }
}
