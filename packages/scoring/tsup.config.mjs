import { definePackage } from "@vision/config/tsup";

export default definePackage({ entries: { index: "src/index.ts", probing: "src/probing/index.ts" } });
