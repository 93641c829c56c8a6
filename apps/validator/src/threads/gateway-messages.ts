import type { LogLevel } from "@vision/program";
import type { AnswerPart, RequestBody, Task, TaskRegistry } from "@vision/protocol";
import type { MinerTarget } from "@vision/sdk/client";
import type { SharedPeriod } from "../adapters/ledger-shared.js";
import type { ExchangeResult } from "../exchange/exchange.js";
import type { GatewayOptions } from "../gateway/index.js";
import type { Candidate } from "../ports/index.js";

/** What the gateway's thread starts with. */
export type GatewayThreadData = {
  readonly options: GatewayOptions;
  readonly logLevel: LogLevel;
  readonly maxConnections: number | undefined;
  readonly view: SharedView;
  readonly period: SharedPeriod;
};

/** What the core tells of miners, tasks and database, as of now. */
export type SharedView = {
  readonly registry: TaskRegistry;
  readonly period: number | null;
  readonly candidates: ReadonlyMap<string, readonly Candidate[]>;
  /** Where the database answers; an embedded one may move. */
  readonly databaseUrl: string;
};

/** How an exchange ended; a refusal is settled by a message of its own. */
export type SharedResult = Omit<ExchangeResult, "refusal"> & { readonly refusalReason: string | null };

/** An error as it crosses between threads. */
export type SharedError = { readonly message: string; readonly code?: string | undefined; readonly hint?: string | undefined };

/** From the core to the gateway. */
export type ToGateway =
  | { readonly kind: "view"; readonly view: SharedView }
  | { readonly kind: "period"; readonly period: SharedPeriod }
  | { readonly kind: "parts"; readonly id: number; readonly parts: readonly AnswerPart[] }
  | { readonly kind: "result"; readonly id: number; readonly result: SharedResult | null }
  | { readonly kind: "broken"; readonly id: number; readonly error: SharedError }
  | { readonly kind: "drain" }
  | { readonly kind: "close" };

/** From the gateway to the core. */
export type FromGateway =
  | { readonly kind: "listening"; readonly url: string }
  | { readonly kind: "refused"; readonly error: SharedError }
  | {
      readonly kind: "run";
      readonly id: number;
      readonly target: MinerTarget;
      readonly task: Task;
      readonly request: RequestBody;
      readonly isOrganic: boolean;
      readonly isStreamed: boolean;
    }
  | { readonly kind: "cancel"; readonly id: number }
  /** Parts were handed to the user: the next ones may come. */
  | { readonly kind: "taken"; readonly id: number }
  /** They could not be: the request ends and nobody is blamed. */
  | { readonly kind: "lost"; readonly id: number }
  | { readonly kind: "settle"; readonly requestId: string; readonly blame: "miner" | "nobody" }
  | { readonly kind: "served"; readonly labels: Readonly<Record<string, string>>; readonly seconds: number }
  | { readonly kind: "drained" }
  | { readonly kind: "closed" };
