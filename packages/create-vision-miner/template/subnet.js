// @ts-check
import { connect, createAnnouncer, createChainValidatorDirectory, loadHotkey } from "@vision/sdk/chain";

const networks = /** @type {const} */ (["finney", "test"]);

/**
 * The miner's ties to a subnet: its hotkey, the validators that may ask, and the endpoint that it publishes.
 *
 * @param {{ netuid: number, network: string, wallet: string, walletHotkey: string, announceHost: string | undefined, announcePort: number }} settings
 *   `network` is `finney`, `test` or a ws:// or wss:// URL.
 */
export async function joinSubnet({ netuid, network, wallet, walletHotkey, announceHost, announcePort }) {
  const hotkey = await loadHotkey({ wallet, hotkey: walletHotkey });
  const named = networks.find((name) => name === network);
  const chain = await connect(named === undefined ? { endpoints: [network] } : { network: named });
  const validators = createChainValidatorDirectory({ chain, netuid });
  const announcer = announceHost === undefined ? null : createAnnouncer(chain, { netuid, host: announceHost, port: announcePort, hotkey });

  return {
    hotkey,
    validators,
    announce() {
      if (announcer === null) process.stderr.write("ANNOUNCE_HOST is not set: validators cannot find this miner.\n");
      else announcer.start();
    },
    async close() {
      announcer?.close();
      validators.close();
      await chain.close();
    },
  };
}
