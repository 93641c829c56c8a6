import { isIPv6 } from "node:net";
import type { NeuronEndpoint } from "@vision/chain";

/** True when two endpoints are one place. An IPv6 address is written in many ways, and the chain tells it in its own. */
export function isSameEndpoint(one: NeuronEndpoint, other: NeuronEndpoint): boolean {
  return one.port === other.port && canonicalHost(one.host) === canonicalHost(other.host);
}

function canonicalHost(host: string): string {
  const url = `http://[${host}]/`;
  // The URL parser writes the short form of RFC 5952.
  return isIPv6(host) && URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : host;
}
