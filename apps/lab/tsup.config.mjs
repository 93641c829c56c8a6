import { defineApp } from "@vision/config/tsup";

export default defineApp({ entries: { main: "src/main.ts", worker: "src/worker.ts" } });
