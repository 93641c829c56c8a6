import type { ChainClient } from "@vision/chain";
import { z } from "zod";
import { type Logger, stderrLogger } from "../runtime/logger.js";
import { hotkeyOption, loggerOption, netuidOption, withFunctions } from "../runtime/option-parts.js";
import { parseOptions } from "../runtime/parse-options.js";
import { type Announcement, announceEndpoint } from "./announce-endpoint.js";

/** Blocks until another attempt: most of what fails passes in a few blocks, and without blocks there is nobody to ask. */
const RETRY_BLOCKS = 5;

/** Pause before another attempt where not even blocks come, milliseconds. */
const RETRY_MS = 60_000;

/** Pause before another look at what the chain says, milliseconds: a hotkey that was registered anew has nothing published. */
const RECHECK_MS = 30 * 60_000;

/** Keeps the endpoint of a miner, or of a validator's API, published. */
export type Announcer = { start(): void; close(): void };

type PublishingChain = Pick<ChainClient, "getMetagraph" | "publishEndpoint" | "watchBlocks" | "watchResets">;

const optionsSchema = z.strictObject({
  chain: withFunctions<PublishingChain>(
    ["getMetagraph", "publishEndpoint", "watchBlocks", "watchResets"],
    "a chain client, e.g. of connect",
  ),
  announcement: z.strictObject({
    netuid: netuidOption,
    host: z.string("must be an IP address").min(1, "must be an IP address"),
    port: z.int("must be a port").min(1, "must be a port").max(65_535, "must be a port"),
    serves: z.enum(["miner", "gateway"]).optional(),
    hotkey: hotkeyOption,
  }),
  logger: loggerOption,
});

/**
 * Publishes the endpoint, tries again until it is done, and looks after it from then on: now and then, and at once when the chain was
 * started anew, for it has forgotten everything.
 *
 * @throws {@link VisionError} `SDK_INVALID_OPTIONS` naming every mistake at once.
 */
export function createAnnouncer(chain: PublishingChain, announcement: Announcement, options: { readonly logger?: Logger } = {}): Announcer {
  const { logger = stderrLogger } = parseOptions("createAnnouncer", optionsSchema, { ...options, chain, announcement });
  const closing = new AbortController();
  const stops: (() => void)[] = [];
  let next: NodeJS.Timeout | undefined;
  let isAttempting = false;
  let isAskedAgain = false;
  /** Blocks that are still waited for; null where the endpoint is published. */
  let blocksLeft: number | null = null;

  async function attempt(): Promise<void> {
    if (isAttempting) {
      isAskedAgain = true;
      return;
    }
    isAttempting = true;
    clearTimeout(next);
    blocksLeft = null;
    do {
      isAskedAgain = false;
      const result = await announceEndpoint(chain, announcement, { logger, signal: closing.signal });
      const isDone = result === "published" || result === "unchanged";
      if (closing.signal.aborted) return;
      blocksLeft = isDone ? null : RETRY_BLOCKS;
      clearTimeout(next);
      next = setTimeout(() => void attempt(), isDone ? RECHECK_MS : RETRY_MS);
    } while (isAskedAgain);
    isAttempting = false;
  }

  function countBlock(): void {
    if (blocksLeft === null) return;
    blocksLeft -= 1;
    if (blocksLeft <= 0) void attempt();
  }

  return {
    start() {
      stops.push(
        chain.watchBlocks(countBlock),
        chain.watchResets(() => void attempt()),
      );
      void attempt();
    },
    close() {
      closing.abort();
      clearTimeout(next);
      for (const stop of stops) stop();
    },
  };
}
