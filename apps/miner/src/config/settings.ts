/** A setting that can be given in the environment and as a flag, beside the config file. */
export type Setting = {
  /** Where it goes in the configuration. */
  readonly path: readonly [string, ...string[]];
  readonly environment: string;
  /** Long flag, without dashes. */
  readonly flag: string;
  /** A list is texts with commas between them. */
  readonly kind: "text" | "number" | "boolean" | "list" | "json";
  readonly description: string;
};

function setting(path: Setting["path"], flag: string, kind: Setting["kind"], description: string): Setting {
  return { path, flag, environment: `VISION_MINER_${flag.toUpperCase().replaceAll("-", "_")}`, kind, description };
}

/** Every setting of the environment and of the flags. Flags win over the environment, the environment wins over the file. */
export const settings: readonly Setting[] = [
  setting(["hotkey", "mnemonicFile"], "hotkey-mnemonic-file", "text", "file with the hotkey's mnemonic"),
  setting(["hotkey", "seedFile"], "hotkey-seed-file", "text", "file with the hotkey's seed, 32 bytes in hex"),
  setting(["hotkey", "uri"], "hotkey-uri", "text", "development key, e.g. //Alice"),
  setting(["hotkey", "wallet"], "wallet", "text", "wallet that holds the hotkey, by name, in btcli's files"),
  setting(["hotkey", "walletHotkey"], "wallet-hotkey", "text", "which hotkey of the wallet; default if not given"),
  setting(["hotkey", "walletsPath"], "wallets-path", "text", "folder of wallets; ~/.bittensor/wallets if not given"),
  setting(["allowDevKeys"], "allow-dev-keys", "boolean", "accept a development key"),
  setting(["listen", "host"], "listen-host", "text", "address to listen on"),
  setting(["listen", "port"], "listen-port", "number", "port to listen on; 0 takes any free one"),
  setting(["tasks"], "tasks", "json", "tasks, as JSON"),
  setting(["backends"], "backends", "json", "backends, as JSON"),
  setting(["capacitySharing"], "capacity-sharing", "text", "among-active, among-permitted or none"),
  setting(["chain", "url"], "chain-url", "text", "finney, test, local or a ws URL"),
  setting(
    ["chain", "endpoints"],
    "chain-endpoints",
    "list",
    "ws URLs of the chain's nodes, with commas, tried in order and before chain-url",
  ),
  setting(["chain", "netuid"], "chain-netuid", "number", "the subnet's number"),
  setting(["chain", "minStakeRao"], "chain-min-stake-rao", "text", "least stake of a validator, RAO"),
  setting(["chain", "requirePermit"], "chain-require-permit", "boolean", "serve only validators with a permit"),
  setting(["chain", "announce", "host"], "chain-announce-host", "text", "address to publish on the chain"),
  setting(["chain", "announce", "port"], "chain-announce-port", "number", "port to publish on the chain"),
  setting(["drainMs"], "drain-ms", "number", "longest that answers under way may take at shutdown, milliseconds"),
  setting(["logLevel"], "log-level", "text", "debug, info, warn, error or silent"),
];

/** The environment variable that names the config file. */
export const CONFIG_VARIABLE = "VISION_MINER_CONFIG";

/** A setting under the option that a command about the chain has for it. */
export type ChainCommandFlag = { readonly option: string; readonly setting: Setting };

const shortNames: Readonly<Record<string, string>> = { "chain-url": "network", "chain-endpoints": "endpoints", "chain-netuid": "netuid" };

/** The settings that commands about the chain take as options. */
export const chainCommandFlags: readonly ChainCommandFlag[] = settings
  .filter(({ path }) => path[0] === "hotkey" || path[1] === "url" || path[1] === "endpoints" || path[1] === "netuid")
  .map((setting) => ({ option: shortNames[setting.flag] ?? setting.flag, setting }));
