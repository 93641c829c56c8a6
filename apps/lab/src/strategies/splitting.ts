import { type Declaration, declareHonestly, type HourView, type Strategy } from "../strategy.js";

function split(view: HourView, parts: readonly number[]): readonly Declaration[] {
  return parts.flatMap((factor, index) => declareHonestly(view, { factor, hotkey: `own-${index}` }));
}

const isFirst = ({ hotkey }: Declaration) => hotkey === "own-0";

/** True declarations, divided or put together. */
export const splitting: readonly Strategy[] = [
  {
    name: "split-2",
    description: "one honest machine behind two hotkeys, half each",
    kind: "attack",
    declare: (view) => split(view, [0.5, 0.5]),
  },
  {
    name: "split-5",
    description: "one honest machine behind five hotkeys, a fifth each",
    kind: "attack",
    declare: (view) => split(view, [0.2, 0.2, 0.2, 0.2, 0.2]),
  },
  { name: "merged-5", description: "five honest operators behind one hotkey", kind: "attack", size: 5 },
  {
    name: "wrong-on-one-of-two",
    description: "half of the answers are made up, all of them on one of two hotkeys; declares what that lets it do",
    kind: "attack",
    declare: (view) => split(view, [1, 1]),
    answer: () => ({ junkOf: (demand) => (isFirst(demand) ? 1 : 0) }),
  },
  {
    name: "misses-on-one-of-two",
    description: "declares 1.5 times what it can do on two hotkeys, and lets one of them miss everything that does not fit",
    kind: "attack",
    declare: (view) => split(view, [0.75, 0.75]),
    answer: () => ({ rankOf: (demand) => (isFirst(demand) ? 0 : 1) }),
  },
];
