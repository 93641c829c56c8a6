import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** What IANA gives out to hosts of the internet; everything else of IPv6 is reserved. */
const GLOBAL_UNICAST = ipaddr.parseCIDR("2000::/3");

/** True for an IP address, IPv4 or IPv6, without a zone. The chain holds nothing else. */
export function isAddress(host: string): boolean {
  // The library also reads shortened and octal forms, which cannot be published; a zone names an interface of this machine.
  return isIP(host) !== 0 && !host.includes("%");
}

/** True for an address of the public internet. Validators ask no miner at any other, unless they are told to for development. */
export function isPublicAddress(host: string): boolean {
  if (!isAddress(host)) return false;
  const address = ipaddr.process(host);
  return address.range() === "unicast" && (address.kind() === "ipv4" || address.match(GLOBAL_UNICAST));
}

/**
 * True where a chain is meant that runs for development: `local`, or a node on this machine or in its private network.
 *
 * @param place - A network's name or a ws(s) URL.
 */
export function isDevelopmentChain(place: string): boolean {
  if (place === "local") return true;
  if (!URL.canParse(place)) return false;
  const host = new URL(place).hostname.replace(/^\[(.*)\]$/, "$1");
  if (isAddress(host)) return !isPublicAddress(host);
  // A name without a dot is one of the local network, such as that of a container.
  return host !== "" && (!host.includes(".") || host.endsWith(".localhost"));
}

/** True where all places of a chain, its network's name and URLs, are {@link isDevelopmentChain}; false where none is given. */
export function isForDevelopment({ network, chain = {} }: ChainPlaces): boolean {
  const places = [...(chain.endpoints ?? []), ...(network === undefined ? [] : [network])];
  return places.length > 0 && places.every(isDevelopmentChain);
}

type ChainPlaces = { readonly network?: string | undefined; readonly chain?: { readonly endpoints?: readonly string[] | undefined } };
