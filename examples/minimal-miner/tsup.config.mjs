import { defineApp } from "@vision/config/tsup";

export default defineApp({ entries: { miner: "src/miner.ts" } });
