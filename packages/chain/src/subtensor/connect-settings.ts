import { VisionError } from "@vision/protocol";
import { z } from "zod";
import { type NetworkName, networks } from "../networks.js";
import { type ChainLogger, silentLogger } from "../rpc/chain-logger.js";

/** Where to connect and how patient to be. `endpoints` or `network` is needed; given both, the endpoints are tried first. */
export type ConnectOptions = {
  /** ws:// or wss:// URLs, tried one after the other, also later when one is lost. All must be nodes of one chain. */
  readonly endpoints?: readonly string[];
  /** A network by name: its public endpoints, see {@link networks}. */
  readonly network?: NetworkName;
  /** Ends the attempt to connect. Later calls take signals of their own. */
  readonly signal?: AbortSignal;
  readonly logger?: ChainLogger;
  /** How long a call may take to get into a block. Default 120 s, ten blocks. */
  readonly inclusionTimeoutMs?: number;
  /** Pause between searches of the newest blocks for a call that was sent. Default 6 s, half a block. */
  readonly inclusionPollMs?: number;
  /** How long a read may take, reconnecting included. Default 30 s. */
  readonly requestTimeoutMs?: number;
  /** How long one endpoint may take for one answer before it is left for the next. Default 10 s. */
  readonly answerTimeoutMs?: number;
  /** Pause between pings. An endpoint that says nothing from one to the next is left. Default 10 s. */
  readonly pingIntervalMs?: number;
  /** How long an endpoint may tell no new block before it is left for the next. Default 60 s, five blocks. */
  readonly maxHeadAgeMs?: number;
  /** How long an endpoint is left alone whose rate limit was reached. Default 10 s. */
  readonly rateLimitPauseMs?: number;
  /** How long one attempt to connect may take. Default 10 s. */
  readonly connectTimeoutMs?: number;
  /** First pause after no endpoint answered; it doubles up to 15 s. Default 500 ms. */
  readonly retryDelayMs?: number;
};

/** {@link ConnectOptions} with everything filled in. */
export type ConnectSettings = {
  readonly endpoints: readonly string[];
  readonly signal?: AbortSignal;
  readonly logger: ChainLogger;
  readonly inclusionTimeoutMs: number;
  readonly inclusionPollMs: number;
  readonly requestTimeoutMs: number;
  readonly answerTimeoutMs: number;
  readonly pingIntervalMs: number;
  readonly maxHeadAgeMs: number;
  readonly rateLimitPauseMs: number;
  readonly connectTimeoutMs: number;
  readonly retryDelayMs: number;
};

const durationSchema = z.int().positive();
const optionsSchema = z.object({
  endpoints: z.array(z.url({ protocol: /^wss?$/, error: "must be a ws:// or wss:// URL" })).min(1, "give endpoints or a network"),
  inclusionTimeoutMs: durationSchema.default(120_000),
  inclusionPollMs: durationSchema.default(6_000),
  requestTimeoutMs: durationSchema.default(30_000),
  answerTimeoutMs: durationSchema.default(10_000),
  pingIntervalMs: durationSchema.default(10_000),
  maxHeadAgeMs: durationSchema.default(60_000),
  rateLimitPauseMs: durationSchema.default(10_000),
  connectTimeoutMs: durationSchema.default(10_000),
  retryDelayMs: durationSchema.default(500),
});

/** @throws {@link VisionError} `CONFIG_INVALID` listing every mistake. */
export function parseConnectOptions(options: ConnectOptions): ConnectSettings {
  const endpoints = [...(options.endpoints ?? []), ...(options.network === undefined ? [] : networks[options.network])];
  const parsed = optionsSchema.safeParse({ ...options, endpoints: [...new Set(endpoints)] });
  if (!parsed.success) {
    const mistakes = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new VisionError({ code: "CONFIG_INVALID", message: `The chain connection has mistakes: ${mistakes.join("; ")}.` });
  }
  return { ...parsed.data, logger: options.logger ?? silentLogger, ...(options.signal === undefined ? {} : { signal: options.signal }) };
}
