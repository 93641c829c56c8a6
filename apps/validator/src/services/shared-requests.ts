import { groupConversations, type SharedConversation, type SharedRequest } from "@vision/checking";
import type { Clock, SharedRequestStore } from "../ports/index.js";
import type { DependencyGuard } from "./dependency-guard.js";
import type { Service } from "./supervise.js";

/** A shared request, and the task that it is for. */
type RequestOfTask = SharedRequest & { readonly taskId: string };

/** Which requests of users the validator draws its own from. */
export type SharedRequestsOptions = {
  /** How long those of keys that share are kept, milliseconds. */
  readonly keptMs: number;
  /** Such that no user sent. */
  readonly given: readonly RequestOfTask[];
};

/** A week, and nothing but what keys share. */
export const defaultSharedRequestsOptions: SharedRequestsOptions = { keptMs: 604_800_000, given: [] };

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
  let byTask = groupByTask(given);

  async function read(signal: AbortSignal): Promise<void> {
    const bounds = { sinceMs: clock.nowMs() - keptMs, maxBytesPerTask: MOST_BYTES_PER_TASK };
    const records = await guard.untilUp("store", () => store.takeStockOfSharedRequests(bounds), signal);
    const next = groupByTask([...given, ...records]);
    for (const [taskId, conversations] of next) remember(conversations, byTask.get(taskId) ?? []);
    byTask = next;
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

function groupByTask(requests: readonly RequestOfTask[]): ReadonlyMap<string, readonly SharedConversation[]> {
  const byTask = new Map<string, RequestOfTask[]>();
  for (const request of requests) {
    const own = byTask.get(request.taskId);
    if (own === undefined) byTask.set(request.taskId, [request]);
    else own.push(request);
  }
  return new Map([...byTask].map(([taskId, own]) => [taskId, groupConversations(own)]));
}

/** Whoever knew a conversation knows it still. */
function remember(conversations: readonly SharedConversation[], before: readonly SharedConversation[]): void {
  const known = new Map(before.map(({ id, knownBy }) => [id, knownBy]));
  for (const { id, knownBy } of conversations) for (const hotkey of known.get(id) ?? []) knownBy.add(hotkey);
}
