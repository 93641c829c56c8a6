import { definePackage } from "../../scripts/tsup-presets.mjs";

export default definePackage({ entries: { index: "src/index.ts", testing: "src/testing/index.ts" } });
