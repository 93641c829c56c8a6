import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A connection on which a test writes what no client would. */
export type RawConnection = {
  readonly socket: Socket;
  /** Everything that came until the other side closed. */
  readonly closed: Promise<string>;
  /** Resolves when the text has come. */
  received(text: string): Promise<string>;
};

/** Opens one to a server on this machine. */
export async function connectRaw(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  let text = "";
  const waiting = new Set<() => void>();
  socket.setEncoding("latin1");
  socket.on("error", () => undefined);
  socket.on("data", (chunk: string) => {
    text += chunk;
    for (const wake of waiting) wake();
  });
  const closed = new Promise<string>((resolve) => {
    // Ended from there is as good as closed.
    socket.once("end", () => socket.end());
    socket.once("close", () => {
      resolve(text);
      for (const wake of waiting) wake();
    });
  });
  await once(socket, "connect");
  return {
    socket,
    closed,
    async received(wanted) {
      while (!text.includes(wanted)) {
        if (socket.destroyed) throw new Error(`the connection was closed after: ${text}`);
        await new Promise<void>((resolve) => {
          waiting.add(resolve);
        });
      }
      return text;
    },
  };
}
