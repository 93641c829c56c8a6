import type { Draws } from "./random.js";
import type { World } from "./world.js";

/** What an operator says one of its hotkeys can do, as a multiple of one machine, at one task and validator. */
export type Declaration = {
  readonly validator: number;
  readonly hotkey: string;
  readonly taskId: string;
  /** Machines' worth of capacity; 1 is all that one machine can do in an hour. */
  readonly machines: number;
};

/** What an operator knows when it is asked for its capacities. */
export type HourView = {
  readonly hour: number;
  readonly world: World;
  /** True capacity that it pays for, machines. */
  readonly size: number;
  readonly draws: Draws;
  /** Room for what the strategy wants to remember from hour to hour. */
  readonly memory: Map<string, number>;
};

/** Requests of one hour to one hotkey, task and validator. */
export type Demand = Declaration & {
  /** Requests that the validator and users are going to send. */
  readonly requests: number;
  /** Share of the declaration that is, 0 to 1. */
  readonly fraction: number;
};

/** What it knows while it answers: more than any real operator, who would have to guess the rest of the hour. */
export type AnswerView = HourView & {
  readonly demands: readonly Demand[];
  /** All of it, in machines' worth of work. */
  readonly demandedMachines: number;
  /** Whether this hour is one in which all validators try large shares; public once it has begun. */
  readonly isCommonHour: boolean;
};

/** What is done with requests beyond the hardware: refused (429), failed, answered with junk, or kept waiting so that others are not sent. */
export type Overflow = "refuse" | "fail" | "junk" | "stall";

/** How requests are answered in an hour. */
export type Answering = {
  /** Machines at work, each paid for by the hour. */
  readonly hardware: number;
  readonly overflow: Overflow;
  /** Share of all answers that are made up and cost nothing. */
  readonly junkFraction: number;
  /** Hardware that an answer takes, of what the task's own model takes. */
  readonly costFraction: number;
  /** Share of the answers that pass a check. */
  readonly passFraction: number;
  /** Share of the requests that fail for other reasons. */
  readonly failFraction: number;
  /** Pace against the task's target. */
  readonly speed: number;
  /** Served first are the demands with the smallest rank. All alike by default. */
  readonly rankOf: (demand: Declaration) => number;
  /** Share of junk by demand, in place of `junkFraction`. */
  readonly junkOf: ((demand: Demand) => number) | null;
};

/** One way to run a machine. Everything that is left out is what an honest operator does. */
export type Strategy = {
  /** As on the command line. */
  readonly name: string;
  /** One sentence for the table. */
  readonly description: string;
  readonly kind: "honest" | "attack";
  /** Changes to the world that the strategy is tried in. */
  readonly world?: Partial<World>;
  /** Hardware in machines; 1 by default. */
  readonly size?: number;
  /** Out of reach of any score: named on the page with what it costs, and not held to the bound. */
  readonly isOutOfReach?: boolean;
  readonly declare?: (view: HourView) => readonly Declaration[];
  readonly answer?: (view: AnswerView) => Partial<Answering>;
};

/** The honest operator's declarations: its machine, divided evenly among tasks and validators, under one hotkey. */
export function declareHonestly(
  view: HourView,
  changes: { readonly factor?: number; readonly hotkey?: string } = {},
): readonly Declaration[] {
  const { validators, taskIds } = view.world;
  const machines = (view.size * (changes.factor ?? 1)) / validators / taskIds.length;
  return Array.from({ length: validators }, (_, validator) =>
    taskIds.map((taskId) => ({ validator, hotkey: changes.hotkey ?? "own", taskId, machines })),
  ).flat();
}

/** How an honest operator answers: refuses what does not fit, fails one request in a hundred. */
export const honestAnswering: Answering = {
  hardware: 1,
  overflow: "refuse",
  junkFraction: 0,
  costFraction: 1,
  passFraction: 0.995,
  failFraction: 0.01,
  speed: 1,
  rankOf: () => 0,
  junkOf: null,
};
