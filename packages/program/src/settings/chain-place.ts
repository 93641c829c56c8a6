import { redact } from "../redact.js";
import { type NetworkName, networkNames } from "./common-settings.js";
import type { SettingProblem } from "./describe-issue.js";
import type { CheckedSettings } from "./load-settings.js";

/** The settings that say which chain. */
export type ChainSettings = {
  readonly network?: string | undefined;
  readonly chain: { readonly endpoints?: readonly string[] | undefined };
};

/** Where to connect: endpoints in the order they are tried in, and after them those of a network. */
export type ChainPlace = { readonly endpoints: readonly string[]; readonly network?: NetworkName };

/** What the settings say of the chain, as `connect` takes it. */
export function chainPlace({ network, chain: { endpoints = [] } }: ChainSettings): ChainPlace {
  const name = networkNames.find((each) => each === network);
  if (name !== undefined) return { endpoints, network: name };
  return { endpoints: network === undefined ? endpoints : [...endpoints, network] };
}

/** The chain by name or URLs, for people to read; without the credentials that URLs may carry. */
export function describeChainPlace(settings: ChainSettings): string {
  const { endpoints, network } = chainPlace(settings);
  return [...endpoints.map(redact), ...(network === undefined ? [] : [network])].join(", ");
}

/** Whether the settings name a chain. */
export function checkChainPlace({ isGiven }: CheckedSettings<ChainSettings>): readonly SettingProblem[] {
  if (isGiven("network") || isGiven("chain", "endpoints")) return [];
  const message = `is missing; give ${networkNames.join(", ")} or a ws:// URL, or give chain.endpoints`;
  return [{ path: ["network"], message, isMissing: true }];
}
