import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createRegistry, type Task } from "@vision/protocol";
import { createMiner, silentLogger } from "@vision/sdk";
import { createMinerClient, type MinerClient } from "@vision/sdk/client";
import { type MinerServer, serve } from "@vision/sdk/node";
import { createFakeBackend } from "@vision/sdk/testing";
import { createHotkeyFromUri, ready } from "@vision/signing";
import { createSystemClock } from "../src/adapters/clock.js";
import type { HeldTimes } from "../src/ports/index.js";
import { createHeldTimes, systemHoldClock } from "../src/services/held-times.js";
import { createMinerReader } from "../src/services/miner-reader.js";
import { type HostileKind, startHostileMiner } from "../src/testing/hostile-miner.js";
import { recordingLogger } from "../src/testing/recording-logger.js";

function taskOf(id: string): Task {
  const task = createRegistry().get(id);
  if (task === undefined) throw new Error(`no ${id}`);
  return task;
}
const chat = {
  task: taskOf("chat-tiny"),
  request: { model: "chat-tiny", messages: [{ role: "user" as const, content: "Hi" }], max_tokens: 40 },
};
const image = { task: taskOf("image-tiny"), request: { model: "image-tiny", prompt: "x", size: "32x32" } };
const largeImage = { ...image, request: { ...image.request, size: "1024x1024" } };
/**
 * What one piece of reading may keep the loop, CPU milliseconds: everybody else's times can be off by no more. It takes a few on a calm
 * machine; the reply that held it for 4 s is far above, whatever else runs. Of several readings the shortest counts: the process's CPU is that of
 * all its threads, so what else it does meanwhile only adds.
 */
const MOST_PIECE_MS = 250;

/** Held times that also know the longest single piece of each. */
function longestPieces() {
  const times = createHeldTimes(systemHoldClock);
  const longest = new Map<string, number>();
  const heldTimes: HeldTimes = {
    ...times,
    meter(who) {
      const meter = times.meter(who);
      return {
        ...meter,
        measure(run) {
          const beforeMs = meter.heldMs();
          try {
            return meter.measure(run);
          } finally {
            longest.set(who, Math.max(longest.get(who) ?? 0, meter.heldMs() - beforeMs));
          }
        },
      };
    },
  };
  return { heldTimes, longest };
}

describe("an honest miner beside a hostile one", () => {
  let client: MinerClient;
  let honest: MinerServer & { readonly hotkey: string };
  const hostile: (MinerServer & { readonly hotkey: string })[] = [];
  beforeAll(async () => {
    await ready();
    const hotkey = createHotkeyFromUri("//Honest");
    const tasks = { "chat-tiny": { capacityPerHour: 1e9 } };
    const miner = createMiner({ hotkey, tasks, backend: createFakeBackend(), logger: silentLogger });
    honest = { ...(await serve(miner, { host: "127.0.0.1", port: 0 })), hotkey: hotkey.address };
    client = createMinerClient({ hotkey: createHotkeyFromUri("//Validator") });
  });
  afterAll(async () => {
    await client.close();
    await Promise.all([honest, ...hostile].map((server) => server.close()));
  });

  it.each([
    ["badLogprobs", chat, "failed"],
    ["mostLogprobs", chat, "failed"],
    ["largestEvent", chat, "failed"],
    ["dribbled", chat, "ok"],
    ["manyKeys", image, "failed"],
    ["manyChunks", largeImage, "failed"],
  ] as const)(
    "%s: one reply held the loop for seconds, and everybody's times with it; it is read in small pieces, or not at all",
    async (kind: HostileKind, ask, outcome) => {
      const { heldTimes, longest } = longestPieces();
      const reader = createMinerReader({
        client,
        clock: createSystemClock(),
        logger: recordingLogger(),
        heldTimes,
        onStandstill: () => undefined,
      });
      const server = await startHostileMiner([kind], `//Hostile/${kind}`);
      hostile.push(server);
      const { signal } = new AbortController();
      const at = ({ hotkey, port }: { readonly hotkey: string; readonly port: number }) => ({ hotkey, host: "127.0.0.1", port });
      const longestOfRounds: number[] = [];
      for (let round = 0; round < 4; round += 1) {
        longest.clear();
        const [bad, good] = await Promise.all([
          reader.ask({ target: at(server), ...ask, signal }),
          reader.ask({ target: at(honest), ...chat, signal }),
        ]);
        expect(bad.reply).toMatchObject(outcome === "ok" ? { outcome } : { outcome, stage: "content", blame: "miner" });
        expect(good).toMatchObject({ reply: { outcome: "ok" } });
        longestOfRounds.push(longest.get(server.hotkey) ?? 0);
      }
      expect(Math.min(...longestOfRounds)).toBeLessThan(MOST_PIECE_MS);
    },
    60_000,
  );
});
