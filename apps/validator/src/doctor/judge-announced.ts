import type { NeuronEndpoint } from "@vision/chain";
import { type Finding, hostAndPort, ok, warn } from "@vision/program";
import { isSameEndpoint } from "@vision/sdk/chain";

/** Where miners look for the API of a validator, and where it says that it is. */
export type Announced = { readonly published: NeuronEndpoint | null; readonly configured: NeuronEndpoint };

/** Whether miners find the validator's API where the chain says. */
export function judgeAnnounced({ published, configured }: Announced): Finding {
  const advice = "The validator publishes it while it runs; see its log.";
  if (published === null) return warn(`${hostAndPort(configured)} is not published yet`, advice);
  if (isSameEndpoint(published, configured)) return ok(`miners find the API at ${hostAndPort(published)}`);
  return warn(`the chain says ${hostAndPort(published)}, the configuration ${hostAndPort(configured)}`, advice);
}
