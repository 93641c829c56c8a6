import type { ClientFailure } from "@vision/sdk/client";

/** How far a failed request came, and with which HTTP status it was answered, if it was. */
export type ResultFailure = Pick<ClientFailure, "stage" | "status">;

/** One finished request, synthetic or organic. */
export type ResultRecord = {
  /** UUID; recording the same one twice changes nothing. */
  readonly requestId: string;
  /** The period it was started in. */
  readonly period: number;
  readonly hotkey: string;
  readonly taskId: string;
  readonly isOrganic: boolean;
  /** Whether it opens a conversation: no answer is in it. Not kept by the store. */
  readonly isOpening: boolean;
  readonly outcome: "ok" | "rateLimited" | "failed";
  readonly blame: "miner" | "validator" | "nobody";
  /** Short reason for anything but ok, for people. */
  readonly reason: string | null;
  /** How far a failed request came, for programs; null for any other outcome. Not kept by the store. */
  readonly failure: ResultFailure | null;
  /** When a miner that is full may be asked again, as it says; null where it did not, and for any other outcome. Not kept by the store. */
  readonly retryAfterMs: number | null;
  /** How long a request had waited for the first token when it was cancelled, milliseconds; null for any other. Not kept by the store. */
  readonly silentMs: number | null;
  readonly attemptedUnits: number;
  readonly completedUnits: number;
  readonly startedAtMs: number;
  readonly firstTokenMs: number | null;
  readonly durationMs: number;
};
