import { definePackage } from "@vision/config/tsup";

export default definePackage({
  entries: {
    index: "src/index.ts",
    wallet: "src/wallet/index.ts",
    weights: "src/weights/index.ts",
    votes: "src/votes/index.ts",
    testing: "src/testing/index.ts",
  },
});
