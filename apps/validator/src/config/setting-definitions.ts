/** A setting that can be given in the environment and as a flag, besides the file. */
export type SettingDefinition = {
  /** Place in the configuration file. */
  readonly path: readonly [section: string, name?: string];
  readonly description: string;
  /** A list is texts with commas between them. */
  readonly kind: "text" | "number" | "boolean" | "list" | "json";
  /** Another environment variable that is read too, when ours is not set. */
  readonly alias?: string;
  /** Never printed. */
  readonly isSecret?: boolean;
  /** False for settings that are too long for a command line. */
  readonly hasFlag?: boolean;
};

/** Everything that can be set outside the file, in the order of the reference page. */
export const settingDefinitions: readonly SettingDefinition[] = [
  { path: ["chain", "network"], kind: "text", description: "Chain to connect to: finney, test or local." },
  { path: ["chain", "url"], kind: "text", description: "WebSocket URL of a node, instead of a network." },
  {
    path: ["chain", "endpoints"],
    kind: "list",
    description: "WebSocket URLs of nodes, with commas; tried in order and before those of the network or url.",
  },
  { path: ["chain", "netuid"], kind: "number", description: "Number of the subnet." },
  {
    path: ["chain", "arePrivateEndpointsAllowed"],
    kind: "boolean",
    description: "Reach miners on loopback and private addresses; for development only.",
  },
  { path: ["hotkey", "wallet"], kind: "text", description: "Name of a wallet as btcli makes them; its hotkey signs." },
  { path: ["hotkey", "walletHotkey"], kind: "text", description: 'Name of the hotkey in the wallet, "default" if not given.' },
  { path: ["hotkey", "walletsPath"], kind: "text", description: "Folder of the wallets, ~/.bittensor/wallets if not given." },
  { path: ["hotkey", "mnemonicFile"], kind: "text", description: "File with the hotkey's mnemonic, instead of a wallet." },
  { path: ["hotkey", "seedFile"], kind: "text", description: "File with the hotkey's seed in hex, instead of a wallet." },
  { path: ["hotkey", "uri"], kind: "text", isSecret: true, description: "Development key such as //Alice, instead of a wallet." },
  { path: ["hotkey", "areDevKeysAllowed"], kind: "boolean", description: "Allow hotkey.uri." },
  {
    path: ["database", "url"],
    kind: "text",
    alias: "DATABASE_URL",
    isSecret: true,
    description: "PostgreSQL of your own: postgresql://...",
  },
  { path: ["database", "dataDir"], kind: "text", description: "Folder of the embedded database, ~/.vision/validator if not given." },
  { path: ["gateway", "isEnabled"], kind: "boolean", description: "Serve the API for users; true if not given." },
  { path: ["gateway", "host"], kind: "text", description: "Address that the API listens on, 127.0.0.1 if not given." },
  { path: ["gateway", "port"], kind: "number", description: "Port of the API, 8080 if not given; 0 takes a free one." },
  { path: ["gateway", "publicUrl"], kind: "text", description: "URL under which users reach the API; only printed." },
  {
    path: ["gateway", "corsOrigins"],
    kind: "list",
    description: "Origins of web pages that may use the API, with commas; * (all) if not given.",
  },
  {
    path: ["gateway", "trustedProxies"],
    kind: "list",
    description: "Addresses of reverse proxies whose X-Forwarded-For is believed, as ranges with commas; loopback if not given.",
  },
  {
    path: ["gateway", "strangerRequestsPerMinute"],
    kind: "number",
    description: "Requests without a good key, public ones among them, that one address may make in a minute; 600 if not given.",
  },
  {
    path: ["gateway", "maxConnectionsPerAddress"],
    kind: "number",
    description: "Connections of one address that is no trusted proxy; 1000 if not given.",
  },
  {
    path: ["gateway", "drainMs"],
    kind: "number",
    description: "Longest that answers under way may take at shutdown, milliseconds; if not given, as long as each of them may take.",
  },
  {
    path: ["gateway", "keepAliveMs"],
    kind: "number",
    description:
      "How long a stream may stay silent before its user is sent a comment, and the head of the answer with the first one, milliseconds; 2000 if not given.",
  },
  { path: ["metrics", "isEnabled"], kind: "boolean", description: "Serve metrics; true if not given." },
  { path: ["metrics", "host"], kind: "text", description: "Address that metrics listen on, 127.0.0.1 if not given." },
  { path: ["metrics", "port"], kind: "number", description: "Port of the metrics, 9090 if not given; 0 takes a free one." },
  { path: ["period", "lengthMs"], kind: "number", description: "Length of a scoring period in milliseconds, an hour if not given." },
  { path: ["weights", "versionKey"], kind: "number", description: "Version of the weights' meaning, at least the subnet's." },
  { path: ["log", "level"], kind: "text", description: "debug, info, warn, error or silent." },
  { path: ["probing"], kind: "json", hasFlag: false, description: "Section probing of the file, as JSON." },
  { path: ["checks"], kind: "json", hasFlag: false, description: "Section checks of the file, as JSON." },
  { path: ["scoring"], kind: "json", hasFlag: false, description: "Section scoring of the file, as JSON." },
  { path: ["weights"], kind: "json", hasFlag: false, description: "Section weights of the file, as JSON." },
  { path: ["taskChanges"], kind: "json", hasFlag: false, description: "Tasks added, changed or switched off, as JSON." },
  {
    path: ["taskWeights", "source"],
    kind: "text",
    description: "Task weights by votes (the validators' on chain) or config (shares below); votes if no shares are given.",
  },
  {
    path: ["taskWeights", "shares"],
    kind: "json",
    hasFlag: false,
    description: "Own shares of the reward by task, as JSON; others get none.",
  },
];

/** Environment variable of a setting, e.g. `VISION_VALIDATOR_GATEWAY_PORT`. */
export function environmentName({ path }: SettingDefinition): string {
  const words = path.flatMap((part) => (part === undefined ? [] : [part.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()]));
  return `VISION_VALIDATOR_${words.join("_")}`;
}

/** Flag of a setting without dashes, e.g. `gateway-port`. */
export function flagName({ path }: SettingDefinition): string {
  return path.flatMap((part) => (part === undefined ? [] : [part.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)])).join("-");
}
