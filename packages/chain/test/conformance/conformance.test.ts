import { chopsticksSource } from "./chopsticks-harness.js";
import { devnetSource } from "./devnet-harness.js";
import { runConformance } from "./suite.js";

runConformance(devnetSource);
runConformance(chopsticksSource(process.env));
