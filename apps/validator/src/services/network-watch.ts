import { isOutage, isRefusedSignature, type OutageParams, reachSignOf, readReachSign } from "../domain/network-outage.js";
import type { ResultFailure, ResultRecord } from "../domain/records/index.js";
import type { Clock } from "../ports/index.js";
import type { DependencyGuard } from "./dependency-guard.js";
import type { Service } from "./supervise.js";

/** Tells the validator's own outages from its miners'. */
export type NetworkWatch = Service & {
  /** The result as it is to be recorded: during an outage of our own no failure is the miner's. Every result must pass here once. */
  judge(result: ResultRecord): ResultRecord;
  /** Whether a result may yet turn out to be our own failure; it is worth holding it back for the outage window. */
  isSuspect(result: ResultRecord): boolean;
};

/** What the watch works with. */
export type NetworkWatchDependencies = {
  readonly guard: DependencyGuard;
  readonly clock: Clock;
  /** Whether this machine's clock was right when it read so, just now: a signature of another time is refused by everybody, however few. */
  readonly wasClockRight: (wallMs: number) => boolean;
  /** Asks a miner for a sign of life. Resolves to how far the request came when there was none, or to null. */
  readonly ping: (hotkey: string, signal: AbortSignal) => Promise<ResultFailure | null>;
  /** A result that was handed on in the window before an outage was noticed, with the blame that it should have had. */
  readonly onReblamed: (result: ResultRecord) => void;
};

const PING_EVERY_MS = 3_000;

type Heard = { readonly atMs: number; readonly isFailing: boolean };

/**
 * A watch over all results. When most of several miners cannot be reached within the window, the network (or our clock, key or permit) is
 * taken to be down: what failed counts as our failure, also just before. One miner is asked every few seconds until one answers.
 */
export function createNetworkWatch(params: OutageParams, dependencies: NetworkWatchDependencies): NetworkWatch {
  const { guard, clock, wasClockRight, ping, onReblamed } = dependencies;
  const heard = new Map<string, Heard>();
  let suspects: { readonly atMs: number; readonly result: ResultRecord }[] = [];
  let wake: (() => void) | null = null;

  const forgetOld = () => {
    const fromMs = clock.monotonicMs() - params.windowMs;
    for (const [hotkey, { atMs }] of heard) if (atMs < fromMs) heard.delete(hotkey);
    suspects = suspects.filter(({ atMs }) => atMs >= fromMs);
  };
  const isOurClock = ({ failure, startedAtMs, durationMs }: ResultRecord) =>
    failure !== null && isRefusedSignature(failure) && !wasClockRight(startedAtMs + durationMs);
  const excused = (result: ResultRecord): ResultRecord => ({ ...result, blame: "validator" });

  function trip(): void {
    const failing = [...heard.values()].filter(({ isFailing }) => isFailing).length;
    if (!isOutage({ failing, heard: heard.size }, params)) return;
    guard.markDown("network", new Error(`${failing} of ${heard.size} miners cannot be reached`));
    for (const { result } of suspects.splice(0)) onReblamed(excused(result));
    wake?.();
  }

  function restore(): void {
    heard.clear();
    suspects = [];
    guard.markUp("network");
  }

  return {
    name: "network-watch",
    isSuspect: (result) => reachSignOf(result) === "unreachable",
    judge(result) {
      const sign = reachSignOf(result);
      if (!guard.isUp("network")) {
        if (sign === "reached") restore();
        else return result.outcome === "failed" && result.blame === "miner" ? excused(result) : result;
      }
      if (sign === "unknown") return result;
      forgetOld();
      const atMs = clock.monotonicMs();
      heard.set(result.hotkey, { atMs, isFailing: sign === "unreachable" });
      if (sign === "reached") return result;
      trip();
      if (!guard.isUp("network") || isOurClock(result)) return excused(result);
      suspects.push({ atMs, result });
      return result;
    },
    async run(signal) {
      while (!signal.aborted) {
        if (guard.isUp("network")) await waitForOutage(signal);
        const hotkeys = [...heard.keys()];
        for (let next = 0; !guard.isUp("network"); next += 1) {
          await clock.sleep(PING_EVERY_MS, signal);
          const hotkey = hotkeys[next % hotkeys.length];
          if (hotkey === undefined || guard.isUp("network")) break;
          const failure = await ping(hotkey, signal).catch((): ResultFailure => ({ stage: "request", status: null }));
          signal.throwIfAborted();
          if (failure === null || readReachSign(failure) === "reached") restore();
        }
      }
    },
  };

  function waitForOutage(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        wake = null;
        reject(signal.reason);
      };
      if (signal.aborted) return onAbort();
      wake = () => {
        wake = null;
        signal.removeEventListener("abort", onAbort);
        resolve();
      };
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }
}
