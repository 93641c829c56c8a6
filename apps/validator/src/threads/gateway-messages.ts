import type { MessagePort } from "node:worker_threads";
import type { LogLevel, TracedProgram, TraceSettings } from "@vision/program";
import type { ChainReport, LiveReport } from "@vision/protocol";
import type { SharedPeriod } from "../adapters/ledger-shared.js";
import type { ExchangeRequest, ExchangeResult } from "../exchange/exchange.js";
import type { GatewayOptions } from "../gateway/index.js";
import type { Health } from "../ports/index.js";
import type { Standstill } from "../services/starvation-watch.js";
import type { CallMessage, ReplyMessage } from "./calls-over-messages.js";
import type { RoutingSnapshot } from "./following-routing.js";
import type { SignedMessage, SignMessage } from "./sign-over-messages.js";
import type { FromThread, ToThread } from "./thread-messages.js";

/** Whether and where traces go, and what they call the program. */
export type Tracing = { readonly settings: TraceSettings; readonly program: TracedProgram };

/** What the gateway's thread starts with. */
export type GatewayThreadData = {
  readonly options: GatewayOptions;
  readonly logLevel: LogLevel;
  /** Whether and where traces go; none where it is left out. */
  readonly tracing: Tracing | undefined;
  readonly maxConnections: number | undefined;
  /** Where it keeps what it could not write before its end; nowhere where it is left out. */
  readonly dataDir: string | undefined;
  /** ss58 address of the validator. */
  readonly validator: string;
  readonly view: SharedView;
  readonly period: SharedPeriod;
};

/** What the core tells of miners, tasks and database, as of now. */
export type SharedView = RoutingSnapshot & {
  readonly health: Health;
  readonly live: LiveReport;
  readonly chain: ChainReport | null;
  /** Where the database answers; an embedded one may move. */
  readonly databaseUrl: string;
};

/** A request to a miner as it crosses. */
export type SharedRequest = Omit<ExchangeRequest, "signal" | "onParts" | "direct">;

/** How an exchange ended; a refusal is settled by a message of its own. */
export type SharedResult = Omit<ExchangeResult, "refusal"> & { readonly refusalReason: string | null };

/** Whose fault a refusal is found to be. */
export type SettleMessage = { readonly kind: "settle"; readonly requestId: string; readonly blame: "miner" | "nobody" };

/** A request to the API that has ended, as the metrics count it. */
export type ServedRequest = { readonly labels: Readonly<Record<string, string>>; readonly seconds: number };

/** From the core to the gateway. */
export type ToGateway =
  | ToThread
  | ReplyMessage<SharedResult | null>
  | SignedMessage
  /** Parts of answers come here from now on, from the prober's thread. */
  | { readonly kind: "line"; readonly port: MessagePort }
  | { readonly kind: "view"; readonly view: SharedView }
  | { readonly kind: "period"; readonly period: SharedPeriod }
  | { readonly kind: "drain" };

/** From the gateway to the core. */
export type FromGateway =
  | FromThread<{ readonly url: string }>
  | CallMessage<SharedRequest>
  | SettleMessage
  | SignMessage
  | { readonly kind: "served"; readonly requests: readonly ServedRequest[] }
  | {
      readonly kind: "counted";
      readonly metric: "gatewayHedgesTotal" | "gatewayContinuationsTotal" | "gatewayConnectionsRefusedTotal";
      readonly labels: Readonly<Record<string, string>>;
      readonly count: number;
    }
  | { readonly kind: "standstill"; readonly standstill: Standstill }
  | { readonly kind: "drained" };
