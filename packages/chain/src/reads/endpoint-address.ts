import { isIP } from "node:net";
import { ChainError } from "../errors/chain-error.js";
import type { NeuronEndpoint, PublishedService } from "../port.js";

/** An address as `serve_axon` takes it: a number and 4 or 6. */
export type AxonAddress = { readonly ip: bigint; readonly ipType: 4 | 6 };

/**
 * The chain's form of an IPv4 or IPv6 address.
 *
 * @throws {@link ChainError} `CHAIN_REJECTED` with the chain's own name for what it would refuse: no address, 127.0.0.1, ::1, broadcast.
 */
export function encodeAxonAddress(host: string): AxonAddress {
  const kind = isIP(host);
  if (kind === 0) throw refused(host, "InvalidIpType", "it is not an IP address");
  const groups = kind === 4 ? host.split(".").map((part) => BigInt(part)) : expandIpv6(host);
  const ip = groups.reduce((value, group) => (value << (kind === 4 ? 8n : 16n)) | group, 0n);
  const isLoopback = kind === 4 ? ip === 0x7f000001n : ip === 1n;
  if (isLoopback) throw refused(host, "InvalidIpAddress", "the chain refuses loopback; for development publish 127.0.0.2 or 0.0.0.1");
  if (ip === (kind === 4 ? 2n ** 32n : 2n ** 128n) - 1n) throw refused(host, "InvalidIpAddress", "it is the broadcast address");
  return { ip, ipType: kind === 4 ? 4 : 6 };
}

/** The endpoint of an axon on chain; null when it publishes none (address or port 0). */
export function decodeAxonEndpoint(axon: { readonly ip: bigint; readonly ipType: number; readonly port: number }): NeuronEndpoint | null {
  if (axon.ip === 0n || axon.port === 0) return null;
  if (axon.ipType === 6) return { host: formatIpv6(axon.ip), port: axon.port };
  return { host: [24n, 16n, 8n, 0n].map((shift) => (axon.ip >> shift) & 255n).join("."), port: axon.port };
}

/**
 * The marks of an axon's first placeholder, which the chain keeps as it is and Python's programs leave 0. Whoever looks for miners passes by
 * what is marked as something else.
 */
export const axonMarks = { miner: 0, gateway: 86 } as const satisfies Readonly<Record<PublishedService, number>>;

/** What the axon on chain says of a neuron. */
export function decodeAxon(axon: Parameters<typeof decodeAxonEndpoint>[0] & { readonly placeholder1: number }) {
  const place = decodeAxonEndpoint(axon);
  const isGateway = axon.placeholder1 === axonMarks.gateway;
  return { endpoint: isGateway ? null : place, gatewayEndpoint: isGateway ? place : null };
}

/** The same of a neuron that has no axon. */
export const noAxon = { endpoint: null, gatewayEndpoint: null } as const;

function expandIpv6(host: string): bigint[] {
  const plain = host.split("%")[0] ?? "";
  const embedded = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(plain);
  const text =
    embedded === null
      ? plain
      : `${embedded[1]}${((Number(embedded[2]) << 8) | Number(embedded[3])).toString(16)}:${((Number(embedded[4]) << 8) | Number(embedded[5])).toString(16)}`;
  const [head = "", tail] = text.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: tail === undefined ? 0 : 8 - left.length - right.length }, () => "0");
  return [...left, ...zeros, ...right].map((group) => BigInt(`0x${group}`));
}

function formatIpv6(ip: bigint): string {
  const groups = Array.from({ length: 8 }, (_unused, index) => ((ip >> BigInt(112 - index * 16)) & 0xffffn).toString(16));
  // The URL parser writes the canonical short form of RFC 5952.
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}

function refused(host: string, chainName: string, reason: string): ChainError {
  return new ChainError({
    code: "CHAIN_REJECTED",
    message: `The address ${host} cannot be published: ${reason}.`,
    chainName,
    facts: { host },
  });
}
