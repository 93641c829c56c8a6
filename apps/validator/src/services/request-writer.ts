import {
  groupConversations,
  isWritable,
  type SharedConversation,
  type WriteText,
  writeConversation,
  writeSystemText,
} from "@vision/checking";
import { enabledTasks, type RequestBody, type Task } from "@vision/protocol";
import type { Random } from "@vision/scoring/probing";
import type { Clock, Logger, Reference, RoutingView } from "../ports/index.js";
import type { Service } from "./supervise.js";

/** How much the tasks' own models write for the validator's requests. */
export type RequestWriterOptions = {
  /** Conversations that are kept of each task; 0 has none written. */
  readonly perTask: number;
  /** Older ones are forgotten, milliseconds. */
  readonly keptMs: number;
};

/** None at all. */
export const noWrittenRequests: RequestWriterOptions = { perTask: 0, keptMs: 0 };

/** Has conversations of users written by the tasks' own models, as the validator's references have them. */
export type RequestWriter = Service & {
  /** Of a task; none where none were written yet. */
  conversationsOf(taskId: string): readonly SharedConversation[];
};

/** What writes. */
export type RequestWriterDependencies = {
  readonly reference: Pick<Reference, "write">;
  readonly routing: Pick<RoutingView, "registry">;
  /** Whether checks of the task wait: they come first. */
  readonly isBusy: (taskId: string) => boolean;
  readonly random: Random;
  readonly clock: Pick<Clock, "monotonicMs" | "sleep">;
  readonly logger: Logger;
};

/** Between two looks at what is missing, and the shortest pause between two conversations. */
const PAUSE_MS = 5_000;
/** A pause takes that many times as long as the writing before it: a reference gives a quarter of its time at most. */
const PAUSES_PER_WRITING = 3;
/** A task whose model was away, or busy, or wrote nothing of use, is left alone for so long, and twice as long after each time more. */
const REST_MS = 60_000;
const MOST_DOUBLINGS = 4;
/** Applications of a task, each with instructions of its own that come again. */
const APPLICATIONS = 12;
/** A conversation that so many miners know word by word makes room for a new one. */
const WORN_BY = 3;
/** Instructions are older than conversations: applications stay. */
const APPLICATION_LIVES = 7;

type Written = { readonly conversation: SharedConversation; readonly atMs: number };
const knownBy = ({ conversation }: Written) => conversation.knownBy.size;
type Pool = {
  /** The model that wrote it all. */
  readonly model: string;
  conversations: readonly Written[];
  /** The same without their times. */
  view: readonly SharedConversation[];
  systemTexts: readonly { readonly text: string; readonly atMs: number }[];
  restsUntilMs: number;
  /** Times in a row that nothing came of it. */
  failures: number;
};

/**
 * Writes one conversation at a time, for the task that has the fewest. Nothing of it has ever been seen by a miner. All is in memory: a
 * validator that starts again draws from its generator until the first are written, some seconds later. That a model is away, or writes
 * what no user would, is no failure of the validator.
 */
export function createRequestWriter({ perTask, keptMs }: RequestWriterOptions, dependencies: RequestWriterDependencies): RequestWriter {
  const { reference, routing, isBusy, random, clock, logger } = dependencies;
  const pools = new Map<string, Pool>();

  function poolOf({ id, model }: Task): Pool {
    const known = pools.get(id);
    const own =
      known?.model === model
        ? known
        : { model, conversations: [], view: [], systemTexts: [], restsUntilMs: Number.NEGATIVE_INFINITY, failures: 0 };
    pools.set(id, own);
    return own;
  }

  function keep(pool: Pool, conversations: readonly Written[]): void {
    pool.conversations = conversations;
    pool.view = conversations.map(({ conversation }) => conversation);
  }

  /** Tasks that are gone are forgotten, and so is what is too old. */
  function takeStock(tasks: readonly Task[]): void {
    const ids = new Set(tasks.map(({ id }) => id));
    for (const id of pools.keys()) if (!ids.has(id)) pools.delete(id);
    const sinceMs = clock.monotonicMs() - keptMs;
    const sinceApplicationsMs = clock.monotonicMs() - APPLICATION_LIVES * keptMs;
    for (const pool of pools.values()) {
      keep(
        pool,
        pool.conversations.filter(({ atMs }) => atMs > sinceMs),
      );
      pool.systemTexts = pool.systemTexts.filter(({ atMs }) => atMs > sinceApplicationsMs);
    }
  }

  /** Writes instructions now and then, until there are enough of them, and else a conversation. */
  async function writeOne(task: Task, pool: Pool, signal: AbortSignal): Promise<boolean> {
    const write: WriteText = async (prompt, how) => (await reference.write?.({ task, prompt, ...how, signal })) ?? null;
    const atMs = clock.monotonicMs();
    if (pool.systemTexts.length < APPLICATIONS && pool.systemTexts.length <= pool.conversations.length / 2) {
      const text = await writeSystemText({ task, random, write });
      if (text !== null) pool.systemTexts = [...pool.systemTexts, { text, atMs }];
    }
    const systemTexts = pool.systemTexts.map(({ text }) => text);
    const requests: readonly RequestBody[] | null = await writeConversation({ task, random, systemTexts, write });
    const [conversation] = groupConversations((requests ?? []).map((request) => ({ hotkeys: [], request })));
    if (conversation === undefined || pool.conversations.some(({ conversation: { id } }) => id === conversation.id)) return false;
    const isFull = pool.conversations.length >= perTask;
    const kept = isFull
      ? pool.conversations.toSorted((one, other) => knownBy(one) - knownBy(other)).slice(0, perTask - 1)
      : pool.conversations;
    keep(pool, [...kept, { conversation, atMs }]);
    return true;
  }

  const hasRoom = ({ conversations }: Pool) => conversations.length < perTask || conversations.some((each) => knownBy(each) >= WORN_BY);

  /** The one with the fewest of those that have room and can be written for now. */
  function findTask(tasks: readonly Task[]): { readonly task: Task; readonly pool: Pool } | null {
    const able = tasks
      .map((task) => ({ task, pool: poolOf(task) }))
      .filter(({ task, pool }) => hasRoom(pool) && pool.restsUntilMs <= clock.monotonicMs() && !isBusy(task.id))
      .sort((one, other) => one.pool.conversations.length - other.pool.conversations.length);
    return able[0] ?? null;
  }

  return {
    name: "request writer",
    conversationsOf: (taskId) => pools.get(taskId)?.view ?? [],
    async run(signal) {
      while (!signal.aborted) {
        const tasks = enabledTasks(routing.registry()).filter(isWritable);
        takeStock(tasks);
        const found = findTask(tasks);
        const startedAtMs = clock.monotonicMs();
        if (found !== null) {
          const { task, pool } = found;
          const hasWritten = await writeOne(task, pool, signal).catch((error: unknown) => {
            signal.throwIfAborted();
            logger.debug("A model did not write a request", { task: task.id, error });
            return false;
          });
          if (!hasWritten) pool.restsUntilMs = clock.monotonicMs() + REST_MS * 2 ** Math.min(MOST_DOUBLINGS, pool.failures);
          pool.failures = hasWritten ? 0 : pool.failures + 1;
        }
        await clock.sleep(Math.max(PAUSE_MS, PAUSES_PER_WRITING * (clock.monotonicMs() - startedAtMs)), signal);
      }
    },
  };
}
