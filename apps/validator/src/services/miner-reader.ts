import { getFamily } from "@vision/protocol";
import { type CollectedReply, collectReply, type MinerClient } from "@vision/sdk/client";
import { createCostlyAnswers } from "../domain/costly-answers.js";
import { mayBeOwnDelay } from "../domain/own-delay.js";
import { createReadingShare, freeReadingMs } from "../domain/reading-share.js";
import type { AskedReply, MinerAsker } from "../exchange/miner-asker.js";
import type { Clock, HeldTimes, Logger } from "../ports/index.js";
import { createHeldTimes, systemHoldClock } from "./held-times.js";
import { createStarvationWatch, type Standstill } from "./starvation-watch.js";
import type { Service } from "./supervise.js";

/** What a reader works with. */
export type MinerReaderDependencies = {
  readonly client: Pick<MinerClient, "send" | "getCapacities">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of every standstill of the thread that it runs on. */
  readonly onStandstill: (standstill: Standstill) => void;
  readonly heldTimes?: HeldTimes;
};

/** Longest that a request waits for its miner's share of the loop; after it another miner may be asked, or the plan goes on without it. */
const LONGEST_WAIT_MS = 5_000;
const TOLD_EVERY_MS = 600_000;
/** More miners than a subnet has. */
const MAX_TOLD = 4_096;

/**
 * Asks miners and reads their answers on the thread that it runs on, whose standstills it watches. What reading costs is booked on the miner:
 * a standstill that its answers cause excuses it of nothing, and answers that keep the loop too long again and again are its failures. Whoever
 * used more than its share of the loop waits before it is asked again, where no time is measured.
 */
export function createMinerReader(dependencies: MinerReaderDependencies): MinerAsker & Service {
  const { client, clock, logger, onStandstill, heldTimes = createHeldTimes(systemHoldClock) } = dependencies;
  const watch = createStarvationWatch({ clock, logger, thread: "prober", cause: "miner", heldTimes, onStandstill });
  const costly = createCostlyAnswers();
  const share = createReadingShare();
  const toldAtMs = new Map<string, number>();

  const wasDelayed = (hotkey: string, startedAtMs: number, startedAtMonotonicMs: number) =>
    watch.wasStarvedDuring({ startedAtMs, durationMs: clock.monotonicMs() - startedAtMonotonicMs, hotkey });

  function charge(reply: CollectedReply, hotkey: string, heldMs: number): CollectedReply {
    if (!costly.isTooCostly(hotkey, heldMs, clock.monotonicMs())) return reply;
    logger.warn("A miner's answers take too long to read; they count as failed", { hotkey, heldMs: Math.round(heldMs) });
    if (reply.outcome !== "ok") return reply;
    const { durationMs, eventCount } = reply;
    const failure = { stage: "content", blame: "miner", reason: "the answer takes too long to read", status: 200 } as const;
    return { outcome: "failed", ...failure, code: null, minerMessage: null, durationMs, eventCount, deliveredUnits: 0 };
  }

  function tellWaiting(hotkey: string): void {
    const nowMs = clock.monotonicMs();
    if (nowMs - (toldAtMs.get(hotkey) ?? Number.NEGATIVE_INFINITY) < TOLD_EVERY_MS) return;
    const [oldest] = toldAtMs.keys();
    if (toldAtMs.size >= MAX_TOLD && oldest !== undefined) toldAtMs.delete(oldest);
    toldAtMs.set(hotkey, nowMs);
    logger.warn("Reading a miner's answers takes more than its share of the prober; it is asked less", { hotkey });
  }

  /** Resolves to whether the miner may be asked now: its answers have not taken more than their share of the loop lately. */
  async function waitForShare(hotkey: string, signal: AbortSignal): Promise<boolean> {
    const untilMs = clock.monotonicMs() + LONGEST_WAIT_MS;
    for (;;) {
      const nowMs = clock.monotonicMs();
      const waitMs = share.waitMs(hotkey, nowMs);
      // Whoever asked is gone: the client says so.
      if (waitMs === 0 || signal.aborted) return true;
      tellWaiting(hotkey);
      if (nowMs >= untilMs) return false;
      await clock.sleep(Math.min(waitMs, untilMs - nowMs), signal).catch(() => undefined);
    }
  }

  return {
    name: "miner-reader",
    run: (signal) => watch.run(signal),
    async ask({ target, task, request, signal, onParts }) {
      const family = getFamily(task.family);
      if (!(await waitForShare(target.hotkey, signal))) return notAsked(family.isStreamable);
      const startedAtMs = clock.nowMs();
      const startedAtMonotonicMs = clock.monotonicMs();
      const ticket = share.start(target.hotkey, startedAtMonotonicMs);
      const meter = heldTimes.meter(target.hotkey);
      const measureReading = meter.measure;
      const sent = await client.send(target, {
        task,
        request,
        isStream: family.isStreamable,
        isReceiptWanted: true,
        signal,
        measureReading,
      });
      const collected = await collectReply(sent, { family, request, measureReading, ...(onParts === undefined ? {} : { onParts }) });
      ticket.end(meter.heldMs(), clock.monotonicMs(), freeReadingMs(answeredUnits(collected, family.isStreamable)));
      const charged = charge(collected, target.hotkey, meter.heldMs());
      const { requestName = null } = sent;
      const delayed = { requestName, wasDelayed: wasDelayed(target.hotkey, startedAtMs, startedAtMonotonicMs) };
      if (charged.outcome !== "ok") return { reply: charged, ...delayed, readAnswer: () => null };
      const { answer, ...reply } = charged;
      return { reply, ...delayed, readAnswer: () => answer };
    },
    async getCapacities(target, request, { signal }) {
      const startedAtMs = clock.nowMs();
      const startedAtMonotonicMs = clock.monotonicMs();
      const answer = await client.getCapacities(target, request, { signal });
      if (answer.ok || !mayBeOwnDelay(answer)) return answer;
      return wasDelayed(target.hotkey, startedAtMs, startedAtMonotonicMs) ? { ...answer, blame: "validator" } : answer;
    },
  };
}

/** What a reply answers, as {@link freeReadingMs} wants it. */
function answeredUnits(reply: CollectedReply, isStreamable: boolean): number | null {
  if (reply.outcome === "ok") return isStreamable ? reply.workUnits : null;
  return reply.outcome === "failed" ? (reply.deliveredUnits ?? 0) : 0;
}

/** Nobody is blamed for what was not sent; the plan that it was part of stays that much open. */
function notAsked(isStreamable: boolean): AskedReply {
  const failure = {
    stage: "request",
    blame: "nobody",
    reason: "its answers took more than their share of the prober",
    status: null,
  } as const;
  const nothing = { code: null, minerMessage: null, durationMs: 0, eventCount: 0, deliveredUnits: isStreamable ? 0 : null } as const;
  return { reply: { outcome: "failed", ...failure, ...nothing }, requestName: null, wasDelayed: false, readAnswer: () => null };
}
