import type { Answer } from "@vision/protocol";

/** How one request to one miner ended. */
export type ExchangeResult = {
  readonly requestId: string;
  readonly outcome: "ok" | "rateLimited" | "failed";
  readonly blame: "miner" | "validator" | "nobody";
  readonly reason: string | null;
  readonly answer: Answer | null;
  readonly completedUnits: number;
  readonly firstTokenMs: number | null;
  readonly durationMs: number;
  /** Whether anything was handed on to `onEvent`; after that another miner must not be tried. */
  readonly hasForwarded: boolean;
};
