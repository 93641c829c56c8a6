import { type Declaration, declareHonestly, type HourView, type Strategy } from "../strategy.js";

function copies(view: HourView, count: number): readonly Declaration[] {
  return Array.from({ length: count }, (_, index) => declareHonestly(view, { hotkey: `own-${index}` })).flat();
}

function hotkeys(count: number, changes: Partial<Strategy> & Pick<Strategy, "name" | "description">): Strategy {
  return { kind: "attack", declare: (view) => copies(view, count), ...changes };
}

/** The number of the hotkey, from its name. */
const numberOf = ({ hotkey }: Declaration) => Number(hotkey.split("-")[1]);

/** One machine that is declared whole by several hotkeys, at several tasks, or to several validators. */
export const sharedMachine: readonly Strategy[] = [
  ...[2, 3, 5, 10].map((count) =>
    hotkeys(count, { name: `hotkeys-${count}`, description: `${count} hotkeys, each declares the whole machine` }),
  ),
  ...[2, 10].map((count) =>
    hotkeys(count, {
      name: `hotkeys-${count}-junk`,
      description: `${count} hotkeys, each declares the whole machine and answers what does not fit with junk`,
      answer: () => ({ overflow: "junk" }),
    }),
  ),
  hotkeys(2, {
    name: "hotkeys-2-favourite",
    description: "2 hotkeys, each declares the whole machine; one of them is served first and never misses",
    answer: () => ({ rankOf: numberOf }),
  }),
  hotkeys(5, {
    name: "hotkeys-5-in-turn",
    description: "5 hotkeys, each declares the whole machine; a day each, one of them is served first",
    answer: ({ hour }) => ({ rankOf: (demand) => (numberOf(demand) + Math.floor(hour / 24)) % 5 }),
  }),
  ...[2, 3].map((count): Strategy => {
    const taskIds = ["chat-tiny", "completion-tiny", "image-tiny"].slice(0, count);
    return {
      name: `tasks-${count}`,
      description: `one machine declared whole at each of ${count} tasks`,
      kind: "attack",
      world: { taskIds },
      declare: (view) => declareHonestly(view, { factor: count }),
    };
  }),
  ...[2, 3, 8].map(
    (validators): Strategy => ({
      name: `validators-${validators}`,
      description: `one machine declared whole to each of ${validators} validators`,
      kind: "attack",
      world: { validators },
      declare: (view) => declareHonestly(view, { factor: validators }),
    }),
  ),
];
