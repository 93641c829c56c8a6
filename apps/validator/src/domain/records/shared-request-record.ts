import type { SharedRequest } from "@vision/checking";

/** A user's request that is kept because the key that it came with shares its requests. */
export type SharedRequestRecord = SharedRequest & {
  readonly taskId: string;
  readonly keyId: string;
  readonly atMs: number;
};
