import { type AnswerView, declareHonestly, type HourView, type Overflow, type Strategy } from "../strategy.js";

const get = (view: HourView, key: string) => view.memory.get(key) ?? 0;

/** Takes a new hotkey whenever `isCaught` says so, and declares `factor` times what it can do. */
function freshHotkeys(
  name: string,
  description: string,
  options: { factor: number; isCaught: (view: AnswerView) => boolean; overflow?: Overflow },
): Strategy {
  return {
    name,
    description,
    kind: "attack",
    declare: (view) => declareHonestly(view, { factor: options.factor, hotkey: `own-${get(view, "number")}` }),
    answer: (view) => {
      if (options.isCaught(view)) view.memory.set("number", get(view, "number") + 1);
      return { overflow: options.overflow ?? "refuse" };
    },
  };
}

/** Leaving a bad record behind. */
export const whitewashing: readonly Strategy[] = [
  freshHotkeys("new-hotkey-when-caught", "declares ten times what it can do, with a new hotkey after each hour that showed it", {
    factor: 10,
    isCaught: ({ demandedMachines }) => demandedMachines > 1,
  }),
  freshHotkeys("new-hotkey-when-caught-2x", "declares twice what it can do, with a new hotkey after each hour that showed it", {
    factor: 2,
    isCaught: ({ demandedMachines }) => demandedMachines > 1,
  }),
  freshHotkeys("new-hotkey-daily", "declares three times what it can do, with a new hotkey each day", {
    factor: 3,
    isCaught: ({ hour }) => hour % 24 === 23,
  }),
  {
    name: "twofold-for-a-day",
    description: "honest for two days, then declares twice what it can do until a large draw shows it, then honest for two days",
    kind: "attack",
    declare: (view) => {
      const isLying = view.hour >= get(view, "honestUntil") && view.hour >= 48;
      view.memory.set("isLying", isLying ? 1 : 0);
      return declareHonestly(view, { factor: isLying ? 2 : 1 });
    },
    answer: (view) => {
      if (get(view, "isLying") === 1 && view.demandedMachines > 1) view.memory.set("honestUntil", view.hour + 48);
      return {};
    },
  },
];
