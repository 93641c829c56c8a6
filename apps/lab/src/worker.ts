import { parentPort } from "node:worker_threads";
import { evaluateStrategy, type SubnetCache } from "./evaluate.js";
import { strategies } from "./strategies/index.js";
import type { World } from "./world.js";

/** One strategy in one world. */
export type LabJob = { readonly strategy: string; readonly seeds: readonly number[]; readonly world: Partial<World> };

const cache: SubnetCache = new Map();

parentPort?.on("message", ({ strategy: name, seeds, world }: LabJob) => {
  const strategy = strategies.find((one) => one.name === name);
  if (strategy === undefined) throw new Error(`There is no strategy ${name}.`);
  parentPort?.postMessage(evaluateStrategy(strategy, { seeds, world, cache }));
});
