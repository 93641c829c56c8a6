import type { Strategy } from "../strategy.js";
import { absence } from "./absence.js";
import { cheapAnswers } from "./cheap-answers.js";
import { honest } from "./honest.js";
import { honestVariants } from "./honest-variants.js";
import { lonelyTask } from "./lonely-task.js";
import { overDeclaringStrategies } from "./over-declaring.js";
import { sharedMachine } from "./shared-machine.js";
import { splitting } from "./splitting.js";
import { timedClaims } from "./timed-claims.js";
import { unchecked } from "./unchecked.js";
import { whitewashing } from "./whitewashing.js";

/** Every strategy that the lab knows. A new one is a file in this folder and a line here. */
export const strategies: readonly Strategy[] = [
  ...absence,
  ...cheapAnswers,
  honest,
  ...honestVariants,
  ...lonelyTask,
  ...overDeclaringStrategies,
  ...sharedMachine,
  ...splitting,
  ...timedClaims,
  ...unchecked,
  ...whitewashing,
];
