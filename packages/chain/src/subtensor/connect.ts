import { type ConnectOptions, parseConnectOptions } from "./connect-settings.js";
import type { SubtensorClient } from "./subtensor-client.js";

/**
 * Connects to a subtensor node: mainnet (`network: "finney"`), testnet, a localnet or a development node, which differ only by their endpoints.
 * The Substrate libraries are loaded here, on the first call, and nowhere else.
 *
 * @returns A client that reconnects, moves to the next endpoint and follows runtime upgrades by itself, until `close()`.
 * @throws {@link ChainError} `CHAIN_UNREACHABLE` when no endpoint answers within `requestTimeoutMs`; {@link VisionError} `CONFIG_INVALID`.
 *
 * @example
 * const chain = await connect({ network: "finney" });
 * const { neurons } = await chain.getMetagraph(19);
 */
export async function connect(options: ConnectOptions): Promise<SubtensorClient> {
  const settings = parseConnectOptions(options);
  settings.signal?.throwIfAborted();
  const [{ createSubtensorClient }, { openWebSocket }] = await Promise.all([
    import("./create-subtensor-client.js"),
    import("../rpc/open-web-socket.js"),
  ]);
  return createSubtensorClient(settings, openWebSocket);
}
