import type { Server } from "node:http";
import type { Socket } from "node:net";
import { addressGroup } from "./address-group.js";

/** How many connections are held. */
export type ConnectionBounds = {
  readonly total: number;
  /** Of one address, unless it is a trusted proxy, which holds everybody's. */
  readonly perAddress: number;
  readonly isTrustedProxy: (address: string) => boolean;
  /** Told of each that is closed: all places are taken, or those of its address. */
  readonly onRefused: (reason: "all_taken" | "address") => void;
};

/** Closes connections above the bounds as they come, before anything of them is read. */
export function boundConnections(server: Server, bounds: ConnectionBounds): void {
  const counts = new Map<string, number>();
  server.maxConnections = bounds.total;
  server.on("drop", () => bounds.onRefused("all_taken"));
  server.on("connection", (socket: Socket) => {
    const { remoteAddress } = socket;
    if (remoteAddress !== undefined && bounds.isTrustedProxy(remoteAddress)) return;
    const group = addressGroup(remoteAddress);
    const count = (counts.get(group) ?? 0) + 1;
    counts.set(group, count);
    socket.once("close", () => {
      const left = (counts.get(group) ?? 1) - 1;
      if (left > 0) counts.set(group, left);
      else counts.delete(group);
    });
    if (count <= bounds.perAddress) return;
    bounds.onRefused("address");
    socket.destroy();
  });
}
