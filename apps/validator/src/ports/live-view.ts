import type { ChainReport, LiveReport } from "@vision/protocol";

/** What is going on now, as everybody may know it. The core writes it, the gateway shows it. */
export type LiveView = {
  live(): LiveReport;
  /** The subnet as it was last read; null before the first time. */
  chain(): ChainReport | null;
};
