import { setTimeout as delay } from "node:timers/promises";
import type { Fault } from "./fault.js";
import { PERIOD_MS } from "./faulty-subnet.js";

/** What befalls the chain, and the way to it. */
export const chainFaults: readonly Fault[] = [
  {
    name: "chain: connections cut, again as soon as they are back",
    async strike({ way }) {
      for (let times = 0; times < 5; times += 1) {
        way.cut();
        await delay(PERIOD_MS / 5);
      }
    },
  },
  {
    name: "chain: silent for three periods, connections stay",
    async strike({ way }) {
      way.hold(true);
      try {
        await delay(3 * PERIOD_MS);
      } finally {
        way.hold(false);
      }
    },
  },
  {
    name: "chain: gone for two periods, then taken up again",
    isLong: true,
    strike: ({ awayChain }) => awayChain(2 * PERIOD_MS),
  },
];
