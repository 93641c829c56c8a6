import { declareHonestly, type Strategy } from "../strategy.js";

function cheaper(passPercent: number, costFraction: number): Strategy {
  return {
    name: `cheap-${passPercent}-at-${costFraction}`,
    description: `a model that passes ${passPercent} % of the checks at ${costFraction} of the cost, and declares what that lets it do`,
    kind: "attack",
    declare: (view) => declareHonestly(view, { factor: 1 / costFraction }),
    answer: () => ({ passFraction: passPercent / 100, costFraction }),
  };
}

function junk(percent: number): Strategy {
  return {
    name: `junk-${percent}`,
    description: `makes up ${percent} % of its answers, and declares what that lets it do`,
    kind: "attack",
    declare: (view) => declareHonestly(view, { factor: 1 / (1 - percent / 100) }),
    answer: () => ({ junkFraction: percent / 100 }),
  };
}

/** Answers that are not what the task's model would say. */
export const cheapAnswers: readonly Strategy[] = [
  ...(
    [
      [80, 0.5],
      [90, 0.5],
      [95, 0.5],
      [80, 0.25],
      [95, 0.8],
    ] as const
  ).map(([passes, cost]) => cheaper(passes, cost)),
  ...[5, 10, 20, 50].map(junk),
  {
    name: "junk-in-small-hours",
    description: "right only in hours in which it is asked for more than a fifth; turns its hardware off for the rest",
    kind: "attack",
    answer: ({ demandedMachines }) => (demandedMachines > 0.2 ? {} : { hardware: 0.02, overflow: "junk" }),
  },
  {
    name: "junk-in-big-hours",
    description: "right in small hours with a tenth of the hardware, junk in large ones",
    kind: "attack",
    answer: () => ({ hardware: 0.1, overflow: "junk" }),
  },
];
