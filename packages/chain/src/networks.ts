/**
 * The networks that have a name, and where their nodes listen. Mainnet's last one is another operator's, so that an outage of the first
 * operator stops nobody.
 */
export const networks = {
  finney: [
    "wss://entrypoint-finney.opentensor.ai:443",
    "wss://lite.chain.opentensor.ai:443",
    "wss://bittensor-finney.api.onfinality.io/public-ws",
  ],
  test: ["wss://test.finney.opentensor.ai:443"],
  local: ["ws://127.0.0.1:9944"],
} as const satisfies Record<string, readonly string[]>;

/** Name of a network. */
export type NetworkName = keyof typeof networks;

/** An endpoint without the credentials that its URL may carry; for logs and messages. */
export function describeEndpoint(url: string): string {
  try {
    const parsed = new URL(url);
    return `${parsed.protocol}//${parsed.host}`;
  } catch {
    return "(not a URL)";
  }
}
