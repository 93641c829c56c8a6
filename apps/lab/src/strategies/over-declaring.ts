import { declareHonestly, type Overflow, type Strategy } from "../strategy.js";

function overDeclaring(factor: number, overflow: Overflow, words: string): Strategy {
  return {
    name: `over-${factor}x${overflow === "refuse" ? "" : `-${overflow}`}`,
    description: `declares ${factor} times what it can do, ${words}`,
    kind: "attack",
    declare: (view) => declareHonestly(view, { factor }),
    answer: () => ({ overflow }),
  };
}

/** Declaring more than the machine can do, with everything that can be done about the overflow. */
export const overDeclaringStrategies: readonly Strategy[] = [
  ...[1.05, 1.1, 1.25, 1.5, 2, 3, 10].map((factor) => overDeclaring(factor, "refuse", "and refuses the rest")),
  ...[1.1, 1.25, 2, 5, 10, 13].map((factor) => overDeclaring(factor, "junk", "and answers the rest with junk")),
  ...[2, 10].map((factor) => overDeclaring(factor, "fail", "and fails the rest")),
  ...[1.25, 1.5, 2, 10].map((factor) => overDeclaring(factor, "stall", "and keeps the rest waiting instead of refusing it")),
];
