import type { SharedRequestRecord } from "../domain/records/index.js";

/** What is kept of shared requests. */
export type SharedRequestBounds = {
  /** Older ones are deleted. */
  readonly sinceMs: number;
  /** Of each task the newest are kept, up to so many bytes of JSON. */
  readonly maxBytesPerTask: number;
};

/** Users' requests of keys that share them. */
export type SharedRequestStore = {
  /** Keeps requests, in their order; those of keys that do not share, or were revoked, are left out. */
  addSharedRequests(records: readonly SharedRequestRecord[]): Promise<void>;
  /** Deletes what is out of the bounds and returns what is left, oldest first. */
  takeStockOfSharedRequests(bounds: SharedRequestBounds): Promise<readonly SharedRequestRecord[]>;
};
