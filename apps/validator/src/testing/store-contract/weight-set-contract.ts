import { describe, expect, it } from "@jest/globals";
import type { Store } from "../../ports/index.js";

/** Weights that were handed to the chain. Part of the store's contract. */
export function describeWeightSets(store: () => Store): void {
  describe("weight sets", () => {
    const begin = (epochBlock: number, nowMs = 1_000) =>
      store().beginWeightSet({ netuid: 1, epochBlock, weights: [{ uid: 3, weightU16: 65_535 }], nowMs, staleAfterMs: 500 });
    const finish = (epochBlock: number, state: "set" | "failed") =>
      store().finishWeightSet({ netuid: 1, epochBlock, state, includedAtBlock: state === "set" ? epochBlock + 9 : null, detail: null });

    it("lets exactly one begin for an epoch", async () => {
      const begun = await Promise.all([begin(100), begin(100), begin(100)]);
      expect(begun.filter(Boolean)).toHaveLength(1);
      expect(await begin(200)).toBe(true);
    });

    it("lets a failed or abandoned one be tried again, a finished one never", async () => {
      expect(await begin(100)).toBe(true);
      expect(await begin(100, 1_499)).toBe(false);
      expect(await begin(100, 1_500)).toBe(true);
      await finish(100, "failed");
      expect(await begin(100, 1_501)).toBe(true);
      await finish(100, "set");
      expect(await begin(100, 1_000_000)).toBe(false);
    });

    it("knows those that nobody finished", async () => {
      for (const block of [300, 100, 200]) await begin(block);
      await finish(200, "failed");
      expect((await store().getSubmittingWeightSets(1)).map(({ epochBlock, state }) => [epochBlock, state])).toEqual([
        [100, "submitting"],
        [300, "submitting"],
      ]);
      expect(await store().getSubmittingWeightSets(2)).toEqual([]);
    });

    it("knows which commits nobody saw revealed, with what is in them", async () => {
      const weights = [{ uid: 4, weightU16: 65_535 }];
      for (const block of [300, 100, 200, 400]) await begin(block);
      const committed = { revealBlock: 333, weights };
      for (const block of [300, 100, 200]) {
        const key = { netuid: 1, epochBlock: block };
        await store().finishWeightSet({ ...key, state: "set", includedAtBlock: block - 1, detail: null, committed });
      }
      await finish(400, "set");
      await store().finishReveal({ netuid: 1, epochBlock: 200, outcome: "lost" });
      await store().finishReveal({ netuid: 1, epochBlock: 400, outcome: "revealed" });
      expect(await store().getUnrevealedWeightSets(1)).toEqual([
        { epochBlock: 100, includedAtBlock: 99, ...committed },
        { epochBlock: 300, includedAtBlock: 299, ...committed },
      ]);
      expect(await store().getUnrevealedWeightSets(2)).toEqual([]);
      expect((await store().getLastWeightSet(1))?.reveal).toBeNull();
      await finish(300, "failed");
      expect((await store().getUnrevealedWeightSets(1)).map(({ epochBlock }) => epochBlock)).toEqual([100]);
    });

    it("knows the last one that the chain took, by subnet", async () => {
      expect(await store().getLastWeightSet(1)).toBeNull();
      for (const [block, state] of [
        [100, "set"],
        [200, "set"],
        [300, "failed"],
      ] as const) {
        await begin(block);
        await finish(block, state);
      }
      expect(await store().getLastWeightSet(1)).toEqual({
        netuid: 1,
        epochBlock: 200,
        weights: [{ uid: 3, weightU16: 65_535 }],
        state: "set",
        includedAtBlock: 209,
        detail: null,
        reveal: null,
      });
      expect(await store().getLastWeightSet(2)).toBeNull();
    });
  });
}
