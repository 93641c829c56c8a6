import { definePackage } from "@vision/config/tsup";

export default definePackage({
  entries: {
    index: "src/index.ts",
    backends: "src/backends/index.ts",
    node: "src/node/index.ts",
    client: "src/client/index.ts",
    chain: "src/chain/index.ts",
    testing: "src/testing/index.ts",
  },
});
