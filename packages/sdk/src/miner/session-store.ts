import { type CounterWindow, createCounterWindow, type Session } from "@vision/signing";

/** A session at the miner, with the counters that were used in it. */
export type StoredSession = { readonly session: Session; readonly counters: CounterWindow };

/** The open sessions. */
export type SessionStore = {
  get(sessionId: string): StoredSession | null;
  add(session: Session, nowMs: number): void;
  readonly size: number;
};

/** How many sessions are kept. */
export type SessionStoreOptions = {
  readonly maxSessions: number;
  /** A validator may run several processes, each with sessions of its own. */
  readonly maxSessionsPerPeer: number;
};

/**
 * Sessions in memory, bounded: the oldest of the same peer goes first, then the oldest of all. Whoever lost one opens another.
 */
export function createSessionStore({ maxSessions, maxSessionsPerPeer }: SessionStoreOptions): SessionStore {
  const sessions = new Map<string, StoredSession>();
  const idsByPeer = new Map<string, string[]>();

  const remove = (sessionId: string) => {
    const stored = sessions.get(sessionId);
    if (stored === undefined) return;
    sessions.delete(sessionId);
    const { peer } = stored.session;
    const rest = (idsByPeer.get(peer) ?? []).filter((id) => id !== sessionId);
    if (rest.length === 0) idsByPeer.delete(peer);
    else idsByPeer.set(peer, rest);
  };

  return {
    get: (sessionId) => sessions.get(sessionId) ?? null,
    add(session, nowMs) {
      // All sessions last equally long, so the map's order is the order in which they end.
      for (const [id, stored] of sessions) {
        if (stored.session.expiresAtMs > nowMs) break;
        remove(id);
      }
      const own = idsByPeer.get(session.peer) ?? [];
      const oldestOwn = own[0];
      if (own.length >= maxSessionsPerPeer && oldestOwn !== undefined) remove(oldestOwn);
      const [oldest] = sessions.keys();
      if (sessions.size >= maxSessions && oldest !== undefined) remove(oldest);
      sessions.set(session.sessionId, { session, counters: createCounterWindow() });
      idsByPeer.set(session.peer, [...(idsByPeer.get(session.peer) ?? []), session.sessionId]);
    },
    get size() {
      return sessions.size;
    },
  };
}
