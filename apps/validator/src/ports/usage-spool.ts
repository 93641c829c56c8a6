import type { KeyUsage } from "../domain/records/index.js";

/** One write of what keys used, with the number by which the store knows whether it was added already. */
export type UsageWrite = { readonly writer: string; readonly sequence: number; readonly uses: readonly KeyUsage[] };

/** Where a process that ends while the store is away leaves what keys used, for the next one. */
export type UsageSpool = {
  /** Keeps a write; it is safe when this returns. Throws where it cannot be kept. */
  save(write: UsageWrite): void;
  /** What earlier processes left, oldest first. Leaves out what cannot be read, and what is too old to tell whether it was added. */
  read(): readonly UsageWrite[];
  /** Forgets what was read. */
  clear(): void;
};
