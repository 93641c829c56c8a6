import { describe, expect, it } from "@jest/globals";
import { createWeightWait } from "./weight-wait.js";

const chain = { startBlock: 100, tempoBlocks: 20 };

describe("createWeightWait", () => {
  it("waits for the first commit after the start, and until its epoch and the next are over", () => {
    const look = createWeightWait(chain);
    expect(look({ blockNumber: 110, lastUpdateBlock: 100 })).toBe("waiting");
    expect(look({ blockNumber: 121, lastUpdateBlock: 120 })).toBe("waiting");
    // A later commit is another one.
    expect(look({ blockNumber: 168, lastUpdateBlock: 140 })).toBe("waiting");
    expect(look({ blockNumber: 169, lastUpdateBlock: 140 })).toBe("open");
  });

  it("a validator that has nobody to pay was waited for without end", () => {
    const look = createWeightWait(chain);
    expect(look({ blockNumber: 340, lastUpdateBlock: 80 })).toBe("waiting");
    expect(look({ blockNumber: 341, lastUpdateBlock: 80 })).toBe("none");
  });

  it("a commit in the last moment is waited for all the same", () => {
    const look = createWeightWait(chain);
    expect(look({ blockNumber: 340, lastUpdateBlock: 339 })).toBe("waiting");
    expect(look({ blockNumber: 380, lastUpdateBlock: 339 })).toBe("waiting");
    expect(look({ blockNumber: 388, lastUpdateBlock: 339 })).toBe("open");
  });
});
