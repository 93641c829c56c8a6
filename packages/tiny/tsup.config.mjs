import { definePackage } from "@vision/config/tsup";

export default definePackage({ entries: { index: "src/index.ts", worker: "src/worker.ts" } });
