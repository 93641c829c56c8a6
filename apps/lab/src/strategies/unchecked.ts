import { declareHonestly, type Strategy } from "../strategy.js";

/** Hours until the last check of an hour is judged: a validator far behind, whoever made it so. */
const WAIT_HOURS = 6;

function beforeJudged(factor: number, everyHours: number): Strategy {
  return {
    name: `junk-before-judged-${factor}x-${everyHours}h`,
    description: `where checks wait up to ${WAIT_HOURS} h: declares ${factor} times what it can do, answers the rest with junk, and takes a new hotkey every ${everyHours} h`,
    kind: "attack",
    world: { checksWaitHours: WAIT_HOURS },
    declare: (view) => declareHonestly(view, { factor, hotkey: `own-${Math.floor(view.hour / everyHours)}` }),
    answer: () => ({ overflow: "junk" }),
  };
}

/** Pay for what nobody has looked at yet. */
export const unchecked: readonly Strategy[] = [
  beforeJudged(10, 4),
  beforeJudged(10, 12),
  beforeJudged(2, 24),
  {
    name: "over-10x-junk-unchecked",
    description: `where checks wait up to ${WAIT_HOURS} h: declares 10 times what it can do, and answers the rest with junk`,
    kind: "attack",
    world: { checksWaitHours: WAIT_HOURS },
    declare: (view) => declareHonestly(view, { factor: 10 }),
    answer: () => ({ overflow: "junk" }),
  },
  {
    name: "junk-once-proven",
    description: `where checks wait up to ${WAIT_HOURS} h: honest for two days, then ten times as much for a day, made up but for what it can do`,
    kind: "attack",
    world: { checksWaitHours: WAIT_HOURS },
    declare: (view) => declareHonestly(view, { factor: view.hour % 72 < 48 ? 1 : 10 }),
    answer: ({ hour }) => ({ overflow: hour % 72 < 48 ? "refuse" : "junk" }),
  },
  {
    name: "idle-while-unchecked",
    description: `where checks wait up to ${WAIT_HOURS} h: honest for two days, then off for ${WAIT_HOURS} h, with everything made up`,
    kind: "attack",
    world: { checksWaitHours: WAIT_HOURS },
    answer: ({ hour, size }) => (hour % (48 + WAIT_HOURS) < 48 ? {} : { hardware: 0.02 * size, overflow: "junk" }),
  },
];
