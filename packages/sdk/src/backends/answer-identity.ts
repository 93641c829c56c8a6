import { createHash, randomUUID } from "node:crypto";

/** What sets one answer apart: its id, when it was made, and the seed for a request that names none. */
export type AnswerIdentity = {
  readonly id: string;
  /** Unix time, seconds. */
  readonly createdSeconds: number;
  /** Derived from the id: 0 to 2^31 - 1. */
  readonly fallbackSeed: number;
};

/** A new identity. */
export function createAnswerIdentity(idPrefix: string): AnswerIdentity {
  const id = `${idPrefix}${randomUUID().replaceAll("-", "")}`;
  return { id, createdSeconds: Math.floor(Date.now() / 1000), fallbackSeed: seedFromId(id) };
}

/** A seed that follows from an id alone, 0 to 2^31 - 1. */
function seedFromId(id: string): number {
  return createHash("sha256").update(id).digest().readUInt32LE(0) >>> 1;
}
