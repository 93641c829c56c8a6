import { redact } from "@vision/program";
import { type MinerConfig, networkNames } from "../config/miner-config.js";

/** The part of the configuration that says which chain. */
export type ChainSettings = Pick<NonNullable<MinerConfig["chain"]>, "url" | "endpoints">;

/** Where to connect: endpoints in the order they are tried in, and after them those of a network. */
export type ChainPlace = { readonly endpoints: readonly string[]; readonly network?: (typeof networkNames)[number] };

/** What the configuration's `chain.url` and `chain.endpoints` mean to `connect`. */
export function chainPlace({ url, endpoints = [] }: ChainSettings): ChainPlace {
  const network = networkNames.find((name) => name === url);
  if (network !== undefined) return { endpoints, network };
  return { endpoints: url === undefined ? endpoints : [...endpoints, url] };
}

/** The chain by name or URLs, for people to read; without the credentials that URLs may carry. */
export function describeChainPlace(settings: ChainSettings): string {
  const { endpoints, network } = chainPlace(settings);
  return [...endpoints.map(redact), ...(network === undefined ? [] : [network])].join(", ");
}
