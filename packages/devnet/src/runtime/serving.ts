import { subtensorStorage } from "../metadata/pallets/subtensor-storage.js";
import type { AccountId } from "../metadata/types/common.js";
import type { Context } from "./context.js";
import { ensure } from "./dispatch-failure.js";
import { uidOf } from "./subnets.js";

/** What a neuron publishes about where it serves. `ip` is the big-endian address as a number. */
export type AxonRequest = {
  readonly netuid: number;
  readonly version: number;
  readonly ip: bigint;
  readonly port: number;
  readonly ip_type: number;
  readonly protocol: number;
  readonly placeholder1: number;
  readonly placeholder2: number;
};

/** What a neuron publishes about its metrics. */
export type PrometheusRequest = Pick<AxonRequest, "netuid" | "version" | "ip" | "port" | "ip_type">;

const localhost4 = 0x7f00_0001n;
const broadcast4 = 0xffff_ffffn;
const broadcast6 = (1n << 128n) - 1n;

/**
 * True for an address that the chain takes. 0.0.0.0 and private ranges are fine; refused are exactly 127.0.0.1 and ::1, and the last address of
 * each family (for IPv4 also everything above).
 */
function isAllowedAddress(ipType: number, ip: bigint): boolean {
  if (ipType === 4) return ip < broadcast4 && ip !== localhost4;
  return ip !== broadcast6 && ip !== 1n;
}

function ensureServeRate(context: Pick<Context, "state" | "blockNumber">, netuid: number, lastBlock: bigint): void {
  const limit = context.state.get(subtensorStorage.servingRateLimit, netuid);
  ensure(limit === 0n || lastBlock === 0n || BigInt(context.blockNumber) - lastBlock >= limit, "ServingRateLimitExceeded");
}

/** The checks of `serve_axon`, in the chain's order. */
export function checkAxon(context: Pick<Context, "state" | "blockNumber">, hotkey: AccountId, request: AxonRequest): void {
  const { state } = context;
  ensure(uidOf(state, request.netuid, hotkey) !== null, "HotKeyNotRegisteredInNetwork");
  ensure(request.ip_type === 4 || request.ip_type === 6, "InvalidIpType");
  ensure(isAllowedAddress(request.ip_type, request.ip), "InvalidIpAddress");
  ensureServeRate(context, request.netuid, state.get(subtensorStorage.axons, request.netuid, hotkey)?.block ?? 0n);
  ensure(request.port !== 0, "InvalidPort");
}

/** `serve_axon` and `serve_axon_tls`; a certificate is its algorithm byte and a public key of 1 to 64 bytes, others are ignored. */
export function serveAxon(context: Context, hotkey: AccountId, request: AxonRequest, certificate: Uint8Array | null): void {
  checkAxon(context, hotkey, request);
  const { netuid, ...axon } = request;
  if (certificate !== null && certificate.length > 1 && certificate.length <= 65) {
    const [algorithm = 0] = certificate;
    context.state.put(subtensorStorage.neuronCertificates, [netuid, hotkey], { public_key: certificate.slice(1), algorithm });
  }
  context.state.put(subtensorStorage.axons, [netuid, hotkey], { ...axon, block: BigInt(context.blockNumber) });
  context.emit({ type: "SubtensorModule", value: [{ type: "AxonServed", value: [netuid, hotkey] }] });
}

/** The checks of `serve_prometheus`, in the chain's order. */
export function checkPrometheus(context: Pick<Context, "state" | "blockNumber">, hotkey: AccountId, request: PrometheusRequest): void {
  const { state } = context;
  ensure(request.ip_type === 4 || request.ip_type === 6, "InvalidIpType");
  ensure(request.ip !== 0n && isAllowedAddress(request.ip_type, request.ip), "InvalidIpAddress");
  ensure(uidOf(state, request.netuid, hotkey) !== null, "HotKeyNotRegisteredInNetwork");
  ensureServeRate(context, request.netuid, state.get(subtensorStorage.prometheus, request.netuid, hotkey)?.block ?? 0n);
  ensure(request.port !== 0, "InvalidPort");
}

/** `serve_prometheus`. */
export function servePrometheus(context: Context, hotkey: AccountId, request: PrometheusRequest): void {
  checkPrometheus(context, hotkey, request);
  const { netuid, ...info } = request;
  context.state.put(subtensorStorage.prometheus, [netuid, hotkey], { ...info, block: BigInt(context.blockNumber) });
  context.emit({ type: "SubtensorModule", value: [{ type: "PrometheusServed", value: [netuid, hotkey] }] });
}
