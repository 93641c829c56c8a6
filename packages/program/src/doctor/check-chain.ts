import type { Neuron } from "@vision/chain";
import { type ChainSight, neuronOf } from "./chain-sight.js";
import { type DoctorCheck, type Finding, fail, judgePart, ok } from "./finding.js";
import { judgeClock, judgeHead } from "./judge-chain-time.js";

/** What the checks about a place on the chain work on; each part is waited for by several. */
export type ChainParts = {
  readonly sight: Promise<ChainSight>;
  readonly hotkey: Promise<{ readonly address: string }>;
  readonly nowMs: () => number;
  /** The command that registers, for advice. */
  readonly registerCommand: string;
};

/** Checks that both programs have: clock, chain and registration. */
export function checkChain({ sight, hotkey, nowMs, registerCommand }: ChainParts): readonly DoctorCheck[] {
  const timeOf = ({ time }: ChainSight) => ({ wallMs: nowMs(), headSeconds: time.nowSeconds, blockNumber: time.blockNumber });
  return [
    { name: "clock", run: () => judgePart({ name: "chain", part: sight }, (seen) => judgeClock(timeOf(seen))) },
    {
      name: "chain",
      async run() {
        const seen = await sight;
        return judgeHead(timeOf(seen), `${seen.endpoint}, runtime ${seen.specVersion}`);
      },
    },
    {
      name: "registration",
      run: () =>
        judgePlace({ sight, hotkey }, ({ seen, address }) => {
          const neuron = neuronOf(seen, address);
          const { netuid } = seen.metagraph;
          if (neuron === null) return fail(`the hotkey is not registered on subnet ${netuid}`, `Register it: ${registerCommand}`);
          return ok(`uid ${neuron.uid} of subnet ${netuid}, registered in block ${neuron.registeredAtBlock}`);
        }),
    },
  ];
}

/** Judges what the chain knows of the hotkey. */
export function judgeNeuron(
  parts: Pick<ChainParts, "sight" | "hotkey">,
  judge: (own: { readonly seen: ChainSight; readonly address: string; readonly neuron: Neuron }) => Finding | Promise<Finding>,
): Promise<Finding> {
  return judgePlace(parts, ({ seen, address }) => {
    const neuron = neuronOf(seen, address);
    return neuron === null ? fail("none: the hotkey is not registered", 'See the line "registration".') : judge({ seen, address, neuron });
  });
}

/** Judges what needs both the chain and the hotkey. */
function judgePlace(
  { sight, hotkey }: Pick<ChainParts, "sight" | "hotkey">,
  judge: (place: { readonly seen: ChainSight; readonly address: string }) => Finding | Promise<Finding>,
): Promise<Finding> {
  return judgePart({ name: "wallet", part: hotkey }, ({ address }) =>
    judgePart({ name: "chain", part: sight }, (seen) => judge({ seen, address })),
  );
}
