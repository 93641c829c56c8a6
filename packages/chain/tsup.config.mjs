import { definePackage } from "@vision/config/tsup";

export default definePackage({ entries: { index: "src/index.ts", testing: "src/testing/index.ts" } });
