import { type Finding, fail, hostAndPort, ok, warn } from "@vision/program";
import { isSameEndpoint, type NeuronEndpoint } from "@vision/sdk/chain";
import type { ProbeResult } from "../chain/probe-endpoint.js";

/** Where validators look for a miner, where it says it is, and who is there. */
export type Published = {
  readonly published: NeuronEndpoint | null;
  readonly configured: NeuronEndpoint | null;
  /** null where nothing is published. */
  readonly probe: ProbeResult | null;
  readonly hotkey: string;
};

/** Whether validators find the miner where the chain says. */
export function judgePublished({ published, configured, probe, hotkey }: Published): Finding {
  if (published === null) {
    return fail(
      "none is published: validators cannot find this miner",
      configured === null ? "Set chain.announce and run the miner." : "The miner publishes it while it runs; see its log.",
    );
  }
  const place = hostAndPort(published);
  if (configured !== null && !isSameEndpoint(configured, published)) {
    return fail(
      `the chain says ${place}, the configuration ${hostAndPort(configured)}`,
      "The miner publishes it anew while it runs; see its log.",
    );
  }
  if (probe?.kind === "answers" && probe.hotkey !== hotkey) {
    return fail(
      `at ${place} answers another miner, ${probe.hotkey}: its answers count for nobody`,
      "Correct chain.announce, or stop that miner.",
    );
  }
  // Many routers do not lead their own public address back in, so that this alone proves nothing.
  if (probe?.kind !== "answers") {
    return warn(
      `${place} does not answer from here: ${probe?.reason ?? "nobody was asked"}`,
      "Run the miner, open the port in the firewall, and ask from another machine.",
    );
  }
  return ok(`${place} answers, with ${probe.tasks.join(", ") || "no task"}`);
}
