import type { TraceSpan } from "@vision/program";
import type { RequestBody, Task } from "@vision/protocol";
import type { Random } from "@vision/scoring/probing";
import type { Exchange, ExchangeResult } from "../exchange/exchange.js";
import type { CapacityLedger, Clock, RoutingView, ValidatorMetrics } from "../ports/index.js";
import type { UserPresenter } from "./endpoints/endpoint.js";
import type { Hedges } from "./hedges.js";

/** What a user's request is served with. */
export type ServingDependencies = {
  readonly exchange: Exchange;
  readonly routing: Pick<RoutingView, "registry" | "candidates" | "firstTokenBudgetMs">;
  readonly ledger: Pick<CapacityLedger, "budget" | "free" | "freeFraction" | "inFlight">;
  readonly clock: Clock;
  readonly random: Random;
  readonly hedges: Hedges;
  readonly metrics: Pick<ValidatorMetrics, "gatewayHedgesTotal" | "gatewayContinuationsTotal">;
};

/** How miners are chosen; see `GatewayOptions`. */
export type RoutingOptions = { readonly maxAttempts: number; readonly affinityFactor: number };

/** One user's request. */
export type UserRequest = {
  readonly task: Task;
  /** Parsed by the family's schema. */
  readonly request: RequestBody;
  /** Makes what turns one miner's answer into the user's. */
  readonly createPresenter: () => UserPresenter;
  readonly routingOptions: RoutingOptions;
  readonly signal: AbortSignal;
  /** Of the trace that the request is in; null where there is none. */
  readonly span: TraceSpan | null;
  /** Given the encoded events of a streamed answer, from the first one that a user sees something of; awaited. Left out: nothing is streamed. */
  readonly send?: (event: string) => Promise<void>;
  /** Told of every miner that was asked, when it has ended. */
  readonly onTried: (hotkey: string, result: ExchangeResult) => void;
  /** Set where it asks for the rest of an answer that the user has the beginning of: no miner that failed at it is asked again. */
  readonly continued?: { readonly failed: ReadonlySet<string> };
};
