import { describe, expect, it } from "@jest/globals";
import { createSessionStore } from "./session-store.js";

const session = (sessionId: string, peer: string, expiresAtMs = 1_000) => ({ sessionId, peer, expiresAtMs, key: new Uint8Array(32) });

describe("session store", () => {
  it("drops the oldest of a validator that opens too many, and of nobody else", () => {
    const store = createSessionStore({ maxSessions: 100, maxSessionsPerPeer: 2 });
    store.add(session("b1", "b"), 0);
    for (const id of ["a1", "a2", "a3"]) store.add(session(id, "a"), 0);
    expect(["a1", "a2", "a3", "b1"].map((id) => store.get(id) !== null)).toEqual([false, true, true, true]);
  });

  it("drops the oldest of all at its bound", () => {
    const store = createSessionStore({ maxSessions: 2, maxSessionsPerPeer: 2 });
    for (const id of ["1", "2", "3"]) store.add(session(id, id), 0);
    expect([store.size, store.get("1")]).toEqual([2, null]);
  });

  it("forgets sessions that are over", () => {
    const store = createSessionStore({ maxSessions: 100, maxSessionsPerPeer: 100 });
    store.add(session("1", "a", 1_000), 0);
    store.add(session("2", "a", 3_000), 2_000);
    expect([store.size, store.get("1")]).toEqual([1, null]);
  });
});
