import type { Strategy } from "../strategy.js";

/** Honest operators who are not perfect; for the table, not for the bound. */
export const honestVariants: readonly Strategy[] = [
  { name: "honest-fast", description: "honest, at 1.5 times the target's pace", kind: "honest", answer: () => ({ speed: 1.5 }) },
  { name: "honest-slow", description: "honest, at half of the target's pace", kind: "honest", answer: () => ({ speed: 0.5 }) },
  {
    name: "honest-failing",
    description: "honest, but fails one request in twenty",
    kind: "honest",
    answer: () => ({ failFraction: 0.05 }),
  },
  {
    name: "honest-outage",
    description: "honest, with an hour a week in which everything fails",
    kind: "honest",
    answer: ({ hour }) => (hour % 168 === 60 ? { failFraction: 1 } : {}),
  },
];
