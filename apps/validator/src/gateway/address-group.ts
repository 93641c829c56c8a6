import ipaddr from "ipaddr.js";

/**
 * What counts as one sender: an IPv4 address, or the /64 of an IPv6 one, as every customer of a provider has that many. Text that is no address
 * (a proxy's mistake) is one sender too.
 */
export function addressGroup(address: string | undefined): string {
  if (address === undefined || !ipaddr.isValid(address)) return "unknown";
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4") return parsed.toString();
  return ipaddr.fromByteArray([...parsed.toByteArray().slice(0, 8), 0, 0, 0, 0, 0, 0, 0, 0]).toString();
}
