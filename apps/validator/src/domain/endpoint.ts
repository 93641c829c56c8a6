import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** What a neuron publishes. */
export type PublishedEndpoint = { readonly host: string; readonly port: number };

type Address = ReturnType<typeof ipaddr.process>;

/** What IANA gives out to hosts of the internet; everything else of IPv6 is reserved. */
const GLOBAL_UNICAST = ipaddr.parseCIDR("2000::/3");

/**
 * Where to reach a published endpoint; null when it cannot be used.
 *
 * Only public unicast addresses are taken unless `arePrivateAllowed`: a miner must not be able to point the validator at its own network,
 * also not by an IPv6 address that carries an IPv4 one (mapped, 6to4, Teredo, NAT64). On a development chain any loopback address, and
 * 0.0.0.1, stand for this machine.
 */
export function toReachableEndpoint(endpoint: PublishedEndpoint | null, arePrivateAllowed: boolean): PublishedEndpoint | null {
  if (endpoint === null || !Number.isInteger(endpoint.port) || endpoint.port < 1 || endpoint.port > 65_535) return null;
  const { host, port } = endpoint;
  // The library also reads shortened and octal forms, which the chain never tells; a zone names an interface of ours.
  if (isIP(host) === 0 || host.includes("%")) return null;
  const address = ipaddr.process(host);
  if (!arePrivateAllowed) return isPublic(address) ? { host: address.toString(), port } : null;
  const isThisMachine = address.kind() === "ipv4" && (address.range() === "loopback" || address.toString() === "0.0.0.1");
  return { host: isThisMachine ? "127.0.0.1" : address.toString(), port };
}

function isPublic(address: Address): boolean {
  return address.range() === "unicast" && (address.kind() === "ipv4" || address.match(GLOBAL_UNICAST));
}
