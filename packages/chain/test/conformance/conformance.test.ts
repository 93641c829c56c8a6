import { chopsticksSource } from "./chopsticks-harness.js";
import { runConformance } from "./suite.js";

runConformance(chopsticksSource(process.env));
