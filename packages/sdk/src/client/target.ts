import type { MinerTarget } from "./miner-client.js";

/** Base URL of a target, without a trailing slash. */
export function targetOrigin({ host, port }: MinerTarget): string {
  return `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Name of a target: the same hotkey at another address is another target. */
export function targetKey(target: MinerTarget): string {
  return `${target.hotkey}@${targetOrigin(target)}`;
}
