import { defineApp } from "@vision/config/tsup";

export default defineApp({
  entries: {
    main: "src/main.ts",
    "reference-worker": "src/reference-worker.ts",
    "gateway-thread": "src/gateway-thread.ts",
    "prober-thread": "src/prober-thread.ts",
    "reference-process": "src/reference-process.ts",
  },
  // The built page, which the validator serves.
  publicDir: "../dashboard/dist",
});
