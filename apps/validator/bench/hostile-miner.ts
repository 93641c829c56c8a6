import { ready } from "@vision/sdk";
import { startHostileMiner } from "../src/testing/hostile-miner.js";

// A miner in a process of its own whose answers cost as much as they can.
await ready();
const { hotkey, port } = await startHostileMiner(["badLogprobs", "mostLogprobs", "largestEvent", "dribbled"], "//hostile");
process.send?.({ hotkey, port });
process.on("disconnect", () => process.exit(0));
