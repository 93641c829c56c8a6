import { redact } from "@vision/program";
import type { ValidatorConfig } from "./schema.js";

type ChainSettings = Pick<ValidatorConfig["chain"], "network" | "url" | "endpoints">;

/** Where to connect: endpoints in the order they are tried in, and after them those of a network. */
export type ChainPlace = { readonly endpoints: readonly string[]; readonly network?: NonNullable<ChainSettings["network"]> };

/** What the configuration says of the chain, as `connect` takes it. */
export function chainPlace({ network, url, endpoints = [] }: ChainSettings): ChainPlace {
  return { endpoints: url === undefined ? endpoints : [...endpoints, url], ...(network === undefined ? {} : { network }) };
}

/** The chain by name or URLs, for people to read; without the credentials that URLs may carry. */
export function describeChainPlace(settings: ChainSettings): string {
  const { endpoints, network } = chainPlace(settings);
  return [...endpoints.map(redact), ...(network === undefined ? [] : [network])].join(", ");
}
