import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Which connections have answers that are not finished. */
export type OpenAnswers = {
  /** Counts an answer until it is closed. */
  add(socket: Socket, response: ServerResponse): void;
  /** Whether anything that is written on the connection now could stand within an answer, or in another one's place. */
  isAnswering(socket: Socket): boolean;
};

/** None at first. */
export function createOpenAnswers(): OpenAnswers {
  // Several on one connection where a client sends on before it was answered.
  const bySocket = new WeakMap<Socket, Set<ServerResponse>>();
  return {
    add(socket, response) {
      const open = bySocket.get(socket) ?? new Set();
      bySocket.set(socket, open.add(response));
      response.once("close", () => open.delete(response));
    },
    isAnswering(socket) {
      const open = [...(bySocket.get(socket) ?? [])];
      return open.length > 1 || open.some(({ headersSent }) => headersSent);
    },
  };
}
