import type { Strategy } from "../strategy.js";

/** A machine of three requests an hour. */
const TINY = 3 / 120;

/** Being the only one at a task. */
export const lonelyTask: readonly Strategy[] = [
  {
    name: "lonely-task-tiny",
    description: "alone at a task of a twentieth of the reward, with three requests an hour",
    kind: "attack",
    world: { lonelyTaskIds: ["completion-tiny"] },
    size: TINY,
    declare: ({ size }) => [{ validator: 0, hotkey: "own", taskId: "completion-tiny", machines: size }],
  },
  {
    name: "lonely-task-beside",
    description: "an honest machine that gives three requests an hour to a task nobody else serves",
    kind: "attack",
    world: { lonelyTaskIds: ["completion-tiny"] },
    declare: () => [
      { validator: 0, hotkey: "own", taskId: "chat-tiny", machines: 1 - TINY },
      { validator: 0, hotkey: "own", taskId: "completion-tiny", machines: TINY },
    ],
  },
];
