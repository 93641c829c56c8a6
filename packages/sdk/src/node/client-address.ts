import { isIPv4 } from "node:net";

/**
 * Whom the connections and bytes of an address are counted to: an IPv4 address, or the first 64 bits of an IPv6 one, because whoever has
 * one address of such a network has all of them.
 */
export function clientAddress(remoteAddress: string | undefined): string {
  if (remoteAddress === undefined) return "unknown";
  const embedded = /^::ffff:([\d.]+)$/i.exec(remoteAddress)?.[1];
  if (embedded !== undefined && isIPv4(embedded)) return embedded;
  if (isIPv4(remoteAddress)) return remoteAddress;
  const [head = "", tail] = (remoteAddress.split("%")[0] ?? "").split("::");
  const groups = head === "" ? [] : head.split(":");
  const tailCount = tail === undefined || tail === "" ? 0 : tail.split(":").length;
  while (tail !== undefined && groups.length + tailCount < 8) groups.push("0");
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}
