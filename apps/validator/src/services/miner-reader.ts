import { getFamily } from "@vision/protocol";
import { type CollectedReply, collectReply, type MinerClient } from "@vision/sdk/client";
import { createCostlyAnswers } from "../domain/costly-answers.js";
import { mayBeOwnDelay } from "../domain/own-delay.js";
import type { MinerAsker } from "../exchange/miner-asker.js";
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

/**
 * Asks miners and reads their answers on the thread that it runs on, whose standstills it watches. What reading costs is booked on the miner:
 * a standstill that its answers cause excuses it of nothing, and answers that keep the loop too long again and again are its failures.
 */
export function createMinerReader(dependencies: MinerReaderDependencies): MinerAsker & Service {
  const { client, clock, logger, onStandstill, heldTimes = createHeldTimes(systemHoldClock) } = dependencies;
  const watch = createStarvationWatch({ clock, logger, thread: "prober", cause: "miner", heldTimes, onStandstill });
  const costly = createCostlyAnswers();

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

  return {
    name: "miner-reader",
    run: (signal) => watch.run(signal),
    async ask({ target, task, request, signal, onParts }) {
      const startedAtMs = clock.nowMs();
      const startedAtMonotonicMs = clock.monotonicMs();
      const family = getFamily(task.family);
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
      const charged = charge(collected, target.hotkey, meter.heldMs());
      const delayed = { wasDelayed: wasDelayed(target.hotkey, startedAtMs, startedAtMonotonicMs) };
      if (charged.outcome !== "ok") return { reply: charged, ...delayed, readAnswer: () => null };
      const { answer, ...reply } = charged;
      return { reply, ...delayed, readAnswer: () => answer };
    },
    async getCapacities(target, request, { signal }) {
      const startedAtMs = clock.nowMs();
      const startedAtMonotonicMs = clock.monotonicMs();
      const answer = await client.getCapacities(target, request, { signal });
      if (answer.ok || answer.blame !== "miner" || !mayBeOwnDelay(answer)) return answer;
      return wasDelayed(target.hotkey, startedAtMs, startedAtMonotonicMs) ? { ...answer, blame: "validator" } : answer;
    },
  };
}
