import { declareHonestly, type Strategy } from "../strategy.js";

function presentWhen(isPresent: (hour: number) => boolean): NonNullable<Strategy["declare"]> {
  return (view) => (isPresent(view.hour) ? declareHonestly(view) : []);
}

/** Being away, and turning hardware off between the hours that count. */
export const absence: readonly Strategy[] = [
  {
    name: "present-when-it-counts",
    description: "exists only in the hours after which weights are set, one of three",
    kind: "attack",
    declare: presentWhen((hour) => hour % 3 === 0),
  },
  {
    name: "away-at-night",
    description: "away for eight hours of each day",
    kind: "attack",
    declare: presentWhen((hour) => hour % 24 < 16),
  },
  {
    name: "away-every-other-hour",
    description: "away in every other hour, back for the weights",
    kind: "attack",
    declare: presentWhen((hour) => hour % 2 === 0 || hour % 3 === 0),
  },
  {
    name: "weekend-worker",
    description: "away for two of ten days",
    kind: "attack",
    declare: presentWhen((hour) => hour < 96 || hour >= 144),
  },
  {
    name: "dead-in-big-hours",
    description: "declares five times what it can do and fails everything in hours in which it is asked for much",
    kind: "attack",
    declare: (view) => declareHonestly(view, { factor: 5 }),
    answer: ({ demandedMachines }) => (demandedMachines > 0.9 ? { failFraction: 1 } : {}),
  },
  {
    name: "hardware-on-demand",
    description: "pays for hardware only as far as it is asked for work, claims what it has",
    kind: "attack",
    isOutOfReach: true,
    answer: ({ demandedMachines }) => ({ hardware: Math.min(1, Math.max(0.1, demandedMachines)) }),
  },
  {
    name: "rents-for-big-hours",
    description: "has one machine, declares five, and rents the other four for the hours in which it is asked for them",
    kind: "attack",
    isOutOfReach: true,
    declare: (view) => declareHonestly(view, { factor: 5 }),
    answer: ({ demandedMachines }) => ({ hardware: demandedMachines > 1 ? 5 : 1 }),
  },
  {
    name: "rents-with-new-hotkeys",
    description: "rents its machine for the hours of large draws only, makes up all else, and takes a new hotkey every six hours",
    kind: "attack",
    isOutOfReach: true,
    declare: (view) => declareHonestly(view, { hotkey: `own-${Math.floor(view.hour / 6)}` }),
    answer: ({ demandedMachines }) => (demandedMachines > 0.5 ? {} : { hardware: 0, overflow: "junk" }),
  },
];
