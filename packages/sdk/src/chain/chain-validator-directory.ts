import type { ChainClient } from "@vision/chain";
import { z } from "zod";
import type { ValidatorDirectory } from "../miner/validator-directory.js";
import { type Clock, systemClock } from "../runtime/clock.js";
import { type Logger, stderrLogger } from "../runtime/logger.js";
import { clockOption, loggerOption, netuidOption, withFunctions } from "../runtime/option-parts.js";
import { parseOptions } from "../runtime/parse-options.js";

/** The part of a chain client that the directory reads. */
export type MetagraphReader = Pick<ChainClient, "getMetagraph" | "watchBlocks" | "watchResets">;

/** Which subnet a directory reads, how often, and whom it admits. */
export type ChainValidatorDirectoryOptions = {
  readonly chain: MetagraphReader;
  readonly netuid: number;
  /** Least stake of a validator that is served, RAO. Default 0. */
  readonly minStakeRao?: bigint;
  /** Whether a validator needs the chain's validator permit. Default true. */
  readonly requirePermit?: boolean;
  /** How often the metagraph is read, milliseconds. Default 5 minutes. */
  readonly refreshMs?: number;
  readonly clock?: Clock;
  readonly logger?: Logger;
};

/** A directory that follows a subnet's metagraph. */
export type ChainValidatorDirectory = ValidatorDirectory & {
  /** Reads the metagraph now. Returns false, after one warning, when the chain is away; what was read last stays in force. */
  refresh(options?: { readonly signal?: AbortSignal }): Promise<boolean>;
  /** Stops reading. */
  close(): void;
};

const DEFAULT_REFRESH_MS = 5 * 60_000;
const FIRST_RETRY_MS = 10_000; // with no metagraph at all nobody is served, so the first one is asked for more often

const optionsSchema = z.strictObject({
  chain: withFunctions<MetagraphReader>(["getMetagraph", "watchBlocks", "watchResets"], "a chain client, e.g. of connect"),
  netuid: netuidOption,
  minStakeRao: z.bigint("must be a bigint, RAO").min(0n, "must be at least 0").optional(),
  requirePermit: z.boolean("must be true or false").optional(),
  refreshMs: z.number("must be a number above 0").positive("must be a number above 0").optional(),
  clock: clockOption,
  logger: loggerOption,
});

/**
 * The validators of a subnet, by stake and permit. It begins to read at once and goes on until `close`.
 *
 * Until the first metagraph is there nobody is allowed. After that the last good one holds, however long the chain is away; it is read anew
 * with the first block that comes after, and at once when the chain was started anew.
 *
 * @throws {@link VisionError} `SDK_INVALID_OPTIONS` naming every mistake in the options at once.
 */
export function createChainValidatorDirectory(given: ChainValidatorDirectoryOptions): ChainValidatorDirectory {
  const options = parseOptions("createChainValidatorDirectory", optionsSchema, given);
  const { chain, netuid, minStakeRao = 0n, requirePermit = true, refreshMs = DEFAULT_REFRESH_MS } = options;
  const { clock = systemClock, logger = stderrLogger } = options;
  let stakeByHotkey: ReadonlyMap<string, { readonly stakeRao: bigint; readonly refusal: string | null }> | null = null;
  let totalRao = 0n;
  let allowedCount = 0;
  let isAway = false;
  let isClosed = false;
  let isReading = false;
  let turns = 0;
  let cancelTimer = () => {};
  const closing = new AbortController();

  const judge = (stakeRao: bigint, hasPermit: boolean) => {
    if (requirePermit && !hasPermit) return "the hotkey has no validator permit";
    return stakeRao < minStakeRao ? `the stake is below ${minStakeRao} RAO` : null;
  };

  const read = async (refreshOptions: { readonly signal?: AbortSignal } = {}) => {
    const { signal = closing.signal } = refreshOptions;
    turns += 1;
    const turn = turns;
    try {
      const { neurons } = await chain.getMetagraph(netuid, { signal });
      // Of two readings the later one tells of the chain that there is now.
      if (turn !== turns) return true;
      stakeByHotkey = new Map(
        neurons.map(({ hotkey, stakeRao, hasValidatorPermit }) => [hotkey, { stakeRao, refusal: judge(stakeRao, hasValidatorPermit) }]),
      );
      const allowed = [...stakeByHotkey.values()].filter((entry) => entry.refusal === null);
      totalRao = allowed.reduce((sum, entry) => sum + entry.stakeRao, 0n);
      allowedCount = allowed.length;
      if (isAway) logger.info("The chain is back; validators are up to date", { netuid });
      isAway = false;
      return true;
    } catch (error) {
      if (!isAway && !isClosed) {
        const kept = stakeByHotkey === null ? "nobody is served until it is back" : "the last known validators are served";
        logger.warn("The chain does not answer", { netuid, kept, error: String(error).slice(0, 300) });
      }
      isAway = true;
      return false;
    }
  };

  const refresh: ChainValidatorDirectory["refresh"] = async (refreshOptions) => {
    isReading = true;
    const isRead = await read(refreshOptions);
    isReading = false;
    return isRead;
  };

  const loop = async () => {
    cancelTimer();
    await refresh();
    if (isClosed) return;
    cancelTimer();
    cancelTimer = clock.setTimer(stakeByHotkey === null ? Math.min(FIRST_RETRY_MS, refreshMs) : refreshMs, () => void loop());
  };
  const stopBlocks = chain.watchBlocks(() => {
    if (isAway && !isReading) void loop();
  });
  const stopResets = chain.watchResets(() => void loop());
  void loop();

  return {
    isAllowed(hotkey) {
      if (stakeByHotkey === null) return { isAllowed: false, reason: "the metagraph is not known yet" };
      const entry = stakeByHotkey.get(hotkey);
      if (entry === undefined) return { isAllowed: false, reason: `the hotkey is not registered on subnet ${netuid}` };
      return entry.refusal === null ? { isAllowed: true, stakeRao: entry.stakeRao } : { isAllowed: false, reason: entry.refusal };
    },
    totalStakeRao: () => totalRao,
    allowedCount: () => allowedCount,
    refresh,
    close() {
      isClosed = true;
      stopBlocks();
      stopResets();
      cancelTimer();
      closing.abort();
    },
  };
}
