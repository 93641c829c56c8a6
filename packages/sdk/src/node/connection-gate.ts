import type { KnownAddresses } from "./known-addresses.js";

/** As much of a connection as the gate needs. */
export type GatedConnection = {
  destroy(): void;
  once(event: "close", listener: () => void): void;
};

/** Decides which connections may stay. */
export type ConnectionGate = {
  /** Lets a new connection in, for which another may be cut, or cuts this one. */
  admit(connection: GatedConnection, address: string): void;
  /** Connections open at the moment. */
  readonly size: number;
};

/** How many connections a gate lets in. */
export type ConnectionGateOptions = {
  readonly maxConnections: number;
  /** From one address that no validator has proven itself from. */
  readonly maxConnectionsPerStranger: number;
  readonly known: KnownAddresses;
};

const KEPT_FRACTION = 1 / 8; // of all connections, for validators that are not there yet

/**
 * Connections shared out so that nobody can keep a validator out.
 *
 * Strangers have few each, and give way to whoever comes when all are taken: the one with the most loses its oldest. Addresses of
 * validators share the rest; the last eighth goes only to those that have less than an equal share, one that is still to come counted in.
 */
export function createConnectionGate(options: ConnectionGateOptions): ConnectionGate {
  const { maxConnections, maxConnectionsPerStranger, known } = options;
  // In order of arrival, by address.
  const connections = new Map<string, Set<GatedConnection>>();
  let size = 0;

  const forget = (connection: GatedConnection, address: string) => {
    const own = connections.get(address);
    if (own?.delete(connection) !== true) return;
    size -= 1;
    if (own.size === 0) connections.delete(address);
  };

  const hasRoom = (address: string, ownCount: number): boolean => {
    if (!known.has(address)) return ownCount < maxConnectionsPerStranger;
    const free = maxConnections - size;
    if (free > maxConnections * KEPT_FRACTION) return true;
    const validatorCount = [...connections.keys()].filter((other) => known.has(other)).length;
    return ownCount < maxConnections / (validatorCount + 1);
  };

  /** Cuts a stranger's oldest connection. False when there are no strangers. */
  const makeRoom = (): boolean => {
    let most: { readonly address: string; readonly own: Set<GatedConnection> } | null = null;
    for (const [address, own] of connections) if (!known.has(address) && own.size > (most?.own.size ?? 0)) most = { address, own };
    const [oldest] = most?.own ?? [];
    if (most === null || oldest === undefined) return false;
    forget(oldest, most.address);
    oldest.destroy();
    return true;
  };

  return {
    admit(connection, address) {
      const ownCount = connections.get(address)?.size ?? 0;
      if (!hasRoom(address, ownCount) || (size >= maxConnections && !makeRoom())) {
        connection.destroy();
        return;
      }
      const own = connections.get(address) ?? new Set();
      connections.set(address, own);
      own.add(connection);
      size += 1;
      connection.once("close", () => forget(connection, address));
    },
    get size() {
      return size;
    },
  };
}
