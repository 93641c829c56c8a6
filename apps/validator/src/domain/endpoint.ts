import { isIPv4, isIPv6 } from "node:net";

/** What a neuron publishes. */
export type PublishedEndpoint = { readonly host: string; readonly port: number };

/**
 * Where to reach a published endpoint; null when it cannot be used.
 *
 * Loopback, link-local and private addresses are refused unless `arePrivateAllowed`: a miner must not be able to point the validator at
 * its own network. On a development chain any loopback address, and 0.0.0.1, stand for this machine.
 */
export function toReachableEndpoint(endpoint: PublishedEndpoint | null, arePrivateAllowed: boolean): PublishedEndpoint | null {
  if (endpoint === null || !Number.isInteger(endpoint.port) || endpoint.port < 1 || endpoint.port > 65_535) return null;
  const { host, port } = endpoint;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host)?.[1] ?? host;
  if (isIPv4(mapped)) {
    if (isLoopbackV4(mapped)) return arePrivateAllowed ? { host: "127.0.0.1", port } : null;
    return arePrivateAllowed || !isSpecialV4(mapped) ? { host: mapped, port } : null;
  }
  if (isIPv6(mapped)) {
    if (mapped === "::1") return arePrivateAllowed ? { host: mapped, port } : null;
    return arePrivateAllowed || isGlobalV6(mapped) ? { host: mapped, port } : null;
  }
  return null;
}

function isLoopbackV4(host: string): boolean {
  return host.startsWith("127.") || host === "0.0.0.1";
}

function isSpecialV4(host: string): boolean {
  const [first = 0, second = 0] = host.split(".").map(Number);
  return (
    first === 0 ||
    first === 10 ||
    (first === 100 && second >= 64 && second < 128) ||
    (first === 169 && second === 254) ||
    (first === 172 && second >= 16 && second < 32) ||
    (first === 192 && second === 168) ||
    first >= 224
  );
}

/** Global unicast is 2000::/3. */
function isGlobalV6(host: string): boolean {
  const first = Number.parseInt(host.split(":")[0] ?? "", 16);
  return first >= 0x2000 && first <= 0x3fff;
}
