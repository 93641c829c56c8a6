import type { Strategy } from "../strategy.js";

/** Declares what it can do and does it: what everything else is measured against. */
export const honest: Strategy = { name: "honest", description: "declares what it can do, and does it", kind: "honest" };
