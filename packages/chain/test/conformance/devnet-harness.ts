import { createDevnet } from "@vision/devnet";
import { createHarness, type HarnessSource } from "./harness.js";

/** The development node of this repository, in this process, a block per extrinsic. */
export const devnetSource: HarnessSource = {
  name: "the development node",
  async start() {
    const devnet = await createDevnet({ production: "instant", subnets: [] });
    return createHarness(devnet.url, {
      async newBlocks(_send, count) {
        devnet.produceBlocks(count);
      },
      close: () => devnet.close(),
    });
  },
};
