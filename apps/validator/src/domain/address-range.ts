import ipaddr from "ipaddr.js";

/** Tells whether an address is in one of the ranges, each `ADDRESS/BITS` (see {@link isAddressRange}). */
export function createAddressMatcher(ranges: readonly string[]): (address: string) => boolean {
  const parsed = ranges.map((range) => ipaddr.parseCIDR(range));
  return (text) => {
    if (!ipaddr.isValid(text)) return false;
    const address = ipaddr.process(text);
    return parsed.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits));
  };
}

/** Whether a text names a range of addresses: `10.0.0.0/8`, `fd00::/8`, `192.0.2.7/32`. */
export function isAddressRange(text: string): boolean {
  return ipaddr.isValidCIDR(text);
}
