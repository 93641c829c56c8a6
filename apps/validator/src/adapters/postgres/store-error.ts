import { VisionError } from "@vision/protocol";

const networkCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT",
  "ENOTFOUND",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ETIMEDOUT",
  "EPIPE",
  "EAI_AGAIN",
]);
// Class 08 is "connection exception", 57P0x "the server shuts down or starts", 53 "out of resources"; 57014 is our statement timeout,
// 28 a refused login, 3D000 a database that does not exist, 25006 a standby that has not been promoted.
const serverCode = /^(08|53|28|57P0|57014|3D000|25006)/;
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
export function isConflict(error: unknown): boolean {
  const code = codeOf(error);
  return code === "40P01" || code === "40001";
}

// 40 lost conflict, 42 a statement or schema that is wrong for every row, 25 a transaction's state: no row is at fault.
const statementCode = /^(40|42|25)/;

/**
 * Whether a row of a batch may be what an error comes from, so that the others go through without it: anything but an outage, a lost
 * conflict and a wrong statement. Values that the server refuses (classes 22, 23, 54, XX), and what the driver cannot even serialise.
 */
export function mayBeRowFault(error: unknown): boolean {
  return !isUnreachable(error) && !statementCode.test(codeOf(error));
}

/**
 * Runs a piece of work against the database: once more after a lost conflict, and with every "the database is away" as one error.
 *
 * @throws {@link VisionError} `STORE_UNREACHABLE` while the database is away; anything else passes through unchanged.
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
        hint: "Check that PostgreSQL runs and that the connection settings are right; what needs it goes on by itself when it is back.",
        facts: { code: codeOf(cause) },
        cause,
      });
    }
  }
}
