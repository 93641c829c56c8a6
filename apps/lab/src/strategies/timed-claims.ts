import { declareHonestly, type Strategy } from "../strategy.js";

/** Claims that change with the hour. */
export const timedClaims: readonly Strategy[] = [
  {
    name: "claims-when-weights-are-set",
    description: "declares three times what it can do in the hours after which weights are set, the truth else",
    kind: "attack",
    declare: (view) => declareHonestly(view, { factor: view.hour % 3 === 0 ? 3 : 1 }),
  },
  {
    name: "claims-after-proof",
    description: "declares the truth until a large draw has proven it, then 1.5 times as much for a day",
    kind: "attack",
    declare: (view) =>
      declareHonestly(view, { factor: view.hour - (view.memory.get("provenAt") ?? Number.NEGATIVE_INFINITY) < 24 ? 1.5 : 1 }),
    answer: ({ memory, hour, demandedMachines }) => {
      if (demandedMachines > 0.4) memory.set("provenAt", hour);
      return {};
    },
  },
  {
    name: "creeping-claim",
    description: "raises its claim by a hundredth each hour, up to three times what it can do",
    kind: "attack",
    declare: (view) => declareHonestly(view, { factor: Math.min(3, 1.01 ** view.hour) }),
  },
  {
    name: "half-claim",
    description: "declares half of what it can do",
    kind: "attack",
    declare: (view) => declareHonestly(view, { factor: 0.5 }),
  },
];
