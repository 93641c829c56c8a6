import type pg from "pg";

/** A server that hangs answers no goodbye: it is waited for this long, milliseconds, and then hung up on. */
const GOODBYE_MS = 2_000;

/** Runs what ends connections; those that are still open after {@link GOODBYE_MS} are cut, which ends it. */
export async function endInTime(clients: () => Iterable<pg.Client>, end: () => Promise<void>): Promise<void> {
  const timer = setTimeout(() => {
    for (const client of clients()) client.connection.stream.destroy();
  }, GOODBYE_MS);
  try {
    await end();
  } finally {
    clearTimeout(timer);
  }
}

/** Ends a connection, also to a server that hangs. */
export async function endClient(client: pg.Client): Promise<void> {
  await endInTime(
    () => [client],
    () => client.end(),
  );
}
