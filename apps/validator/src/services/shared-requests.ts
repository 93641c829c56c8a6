import { groupConversations, type SharedConversation, type SharedRequest } from "@vision/checking";
import type { Clock, SharedRequestStore } from "../ports/index.js";
import type { DependencyGuard } from "./dependency-guard.js";
import type { Service } from "./supervise.js";

/** Which requests of users the validator draws its own from. */
export type SharedRequestsOptions = {
  /** How long those of keys that share are kept, milliseconds. */
  readonly keptMs: number;
  /** Such that no user sent, by task. */
  readonly given: ReadonlyMap<string, readonly SharedRequest[]>;
};

/** A week, and nothing but what keys share. */
export const defaultSharedRequestsOptions: SharedRequestsOptions = { keptMs: 604_800_000, given: new Map() };

/** Conversations of users that share them, as the store has them. */
export type SharedRequests = Service & {
  /** Of a task; none before the store was first read. */
  conversationsOf(taskId: string): readonly SharedConversation[];
};

/** As long as a key that no longer shares has an effect. */
const READ_EVERY_MS = 600_000;
/** As many bytes of a task are read at a time, on the loop of the core. */
const MOST_BYTES_PER_TASK = 2 * 1024 * 1024;

/** Reads what is shared every ten minutes, and deletes what is older than it may get. */
export function createSharedRequests(
  { keptMs, given }: SharedRequestsOptions,
  dependencies: {
    readonly store: Pick<SharedRequestStore, "takeStockOfSharedRequests">;
    readonly guard: DependencyGuard;
    readonly clock: Pick<Clock, "nowMs" | "sleep">;
  },
): SharedRequests {
  const { store, guard, clock } = dependencies;
  const always = new Map([...given].map(([taskId, requests]) => [taskId, groupConversations(requests)]));
  let byTask: ReadonlyMap<string, readonly SharedConversation[]> = always;

  async function read(signal: AbortSignal): Promise<void> {
    const bounds = { sinceMs: clock.nowMs() - keptMs, maxBytesPerTask: MOST_BYTES_PER_TASK };
    const records = await guard.untilUp("store", () => store.takeStockOfSharedRequests(bounds), signal);
    const shared = new Map<string, SharedRequest[]>();
    for (const record of records) {
      const own = shared.get(record.taskId);
      if (own === undefined) shared.set(record.taskId, [record]);
      else own.push(record);
    }
    const taskIds = new Set([...shared.keys(), ...always.keys()]);
    const conversationsOf = (id: string) => [...(always.get(id) ?? []), ...groupConversations(shared.get(id) ?? [])];
    byTask = new Map([...taskIds].map((id) => [id, conversationsOf(id)]));
  }

  return {
    name: "shared-requests",
    conversationsOf: (taskId) => byTask.get(taskId) ?? [],
    async run(signal) {
      while (!signal.aborted) {
        await read(signal);
        await clock.sleep(READ_EVERY_MS, signal);
      }
    },
  };
}
