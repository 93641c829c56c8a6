import { definePackage } from "@vision/config/tsup";

export default definePackage({ entries: { index: "src/index.ts", cli: "src/cli.ts", yuma: "src/runtime/yuma/index.ts" } });
