import { hostAndPort } from "@vision/program";
import type { Neuron } from "@vision/sdk/chain";
import type { AskVerdictsOptions, MinerVerdict, VerdictsPage, VerdictsResult } from "@vision/sdk/client";
import { isPublicAddress } from "../config/address-checks.js";

/** What one validator said. */
export type ValidatorVerdicts = {
  readonly validator: string;
  /** Where it was asked; null where none is known. */
  readonly url: string | null;
  /** Why there are none; null when it answered. */
  readonly problem: string | null;
  readonly verdicts: readonly MinerVerdict[];
  /** As they came, for anybody to verify. */
  readonly pages: readonly VerdictsPage[];
};

/** Which validators are asked, and where. */
export type CollectOptions = Pick<AskVerdictsOptions, "hotkey" | "sinceMs"> & {
  /** ss58 address, or `all`. */
  readonly validator: string;
  /** Of the one validator's API; null for what the chain says. */
  readonly url: string | null;
  /** Whether addresses on the chain that are not of the public internet are asked: for development, else a validator would choose whom of this network. */
  readonly arePrivateAllowed: boolean;
  readonly neurons: readonly Pick<Neuron, "hotkey" | "hasValidatorPermit" | "gatewayEndpoint">[];
};

function urlOf(endpoint: Neuron["gatewayEndpoint"]): string | null {
  return endpoint === null ? null : `http://${hostAndPort(endpoint)}`;
}

/**
 * Asks validators of a subnet, one after the other. Only hotkeys that the chain knows are believed. Asked for all, those that
 * publish no address of their API are left out: it has to be given.
 */
export async function collectVerdicts(
  { validator, url, arePrivateAllowed, neurons, hotkey, sinceMs }: CollectOptions,
  ask: (options: AskVerdictsOptions) => Promise<VerdictsResult>,
): Promise<readonly ValidatorVerdicts[]> {
  const permitted = neurons.filter((neuron) => neuron.hasValidatorPermit);
  const asked =
    validator === "all"
      ? permitted.filter(({ gatewayEndpoint }) => gatewayEndpoint !== null)
      : permitted.filter((neuron) => neuron.hotkey === validator);
  const nothing = { verdicts: [], pages: [] };
  if (validator !== "all" && asked.length === 0) {
    return [{ validator, url, problem: "the chain knows no validator of this hotkey on the subnet", ...nothing }];
  }
  const all: ValidatorVerdicts[] = [];
  for (const neuron of asked) {
    const place = url ?? urlOf(neuron.gatewayEndpoint);
    const base = { validator: neuron.hotkey, url: place };
    const isHidden = url === null && !arePrivateAllowed && !isPublicAddress(neuron.gatewayEndpoint?.host ?? "");
    if (place === null) all.push({ ...base, problem: "it publishes no address: give it with --url", ...nothing });
    else if (isHidden)
      all.push({ ...base, problem: "its address is none of the public internet: give it with --url if you know better", ...nothing });
    else {
      const answer = await ask({ url: place, validator: neuron.hotkey, hotkey, sinceMs });
      if (answer.ok) all.push({ ...base, problem: null, verdicts: answer.verdicts, pages: answer.pages });
      else all.push({ ...base, problem: answer.reason, ...nothing });
    }
  }
  return all;
}
