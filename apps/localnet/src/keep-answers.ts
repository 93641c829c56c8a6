import type { BackendCall, BackendPart } from "@vision/sdk/backends";

/** The newest answers of a miner that has no scruples about giving them again. */
export type KeptAnswers = {
  /** Passes an answer on and keeps it once it is whole. */
  keep(call: BackendCall, parts: AsyncIterable<BackendPart>): AsyncIterable<BackendPart>;
  /** An answer to some other question of the task, in the shape that is asked for; null before there was one. */
  find(call: BackendCall): readonly BackendPart[] | null;
};

/** Keeps the newest answer of each task, streamed and whole. */
export function createKeptAnswers(): KeptAnswers {
  const kept = new Map<string, readonly BackendPart[]>();
  const keyOf = ({ task, isStream }: BackendCall) => `${task.id} ${isStream}`;
  return {
    async *keep(call, parts) {
      const seen: BackendPart[] = [];
      for await (const part of parts) {
        seen.push(part);
        // Nobody has to come back for more after a body.
        if (part.kind === "body") kept.set(keyOf(call), seen);
        yield part;
      }
      kept.set(keyOf(call), seen);
    },
    find: (call) => kept.get(keyOf(call)) ?? null,
  };
}
