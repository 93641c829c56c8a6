import { z } from "zod";
import { logLevels } from "../log-levels.js";
import { setting } from "./setting.js";

/** Networks that have a name. */
export const networkNames = ["finney", "test", "local"] as const;

/** One of {@link networkNames}. */
export type NetworkName = (typeof networkNames)[number];

function isWebSocketUrl(text: string): boolean {
  return URL.canParse(text) && ["ws:", "wss:"].includes(new URL(text).protocol);
}

const network = z
  .string()
  .refine((text) => networkNames.some((name) => name === text) || isWebSocketUrl(text), {
    error: `must be ${networkNames.join(", ")} or a URL that starts with ws:// or wss://`,
  })
  .optional();

/** Which chain; needed unless there are `chain.endpoints`. */
export const networkSetting = setting(network, {
  description: `The chain: ${networkNames.join(", ")}, or the ws:// or wss:// URL of a node.`,
  formerly: ["chain.network", "chain.url"],
});

const netuidWords = { description: "Number of the subnet.", example: "19", formerly: ["chain.netuid"] };
const netuid = z.int().min(0).max(65_535);

/** Which subnet, where there must be one. */
export const netuidSetting = setting(netuid, netuidWords);

/** Which subnet, for a program that also works without. */
export const optionalNetuidSetting = setting(netuid.optional(), netuidWords);

/** Nodes to connect to; part of the section `chain`. */
export const endpointsSetting = setting(
  z
    .array(z.string().refine(isWebSocketUrl, { error: "must be a URL that starts with ws:// or wss://" }))
    .min(1)
    .max(64)
    .optional(),
  { description: "WebSocket URLs of nodes of one chain, tried in order and before those of `network`.", formerFlags: ["endpoints"] },
);

/** The wallet that holds the hotkey, in btcli's words and files. */
export const walletSection = z
  .strictObject({
    name: setting(z.string().min(1).max(128).optional(), {
      description:
        "Name of a wallet as btcli makes them; its hotkey signs. An encrypted one takes its password from btcli's `BT_PW_...` variable.",
      formerly: ["hotkey.wallet"],
      formerFlags: ["wallet"],
    }),
    hotkey: setting(z.string().min(1).max(128).optional(), {
      description: "Name of the hotkey in the wallet.",
      defaultText: "`default`",
      formerly: ["hotkey.walletHotkey"],
    }),
    path: setting(z.string().min(1).optional(), {
      description: "Folder of the wallets.",
      defaultText: "`~/.bittensor/wallets`",
      isPath: true,
      formerly: ["hotkey.walletsPath"],
      formerFlags: ["wallets-path"],
    }),
  })
  .prefault({});

/** The hotkey where no wallet holds it. */
export const hotkeySection = z
  .strictObject({
    mnemonicFile: setting(z.string().min(1).optional(), {
      description: "File with the hotkey's mnemonic, instead of a wallet; only its owner may be able to read it.",
      isPath: true,
    }),
    seedFile: setting(z.string().min(1).optional(), {
      description: "File with the hotkey's seed, 32 bytes in hex, instead of a wallet; only its owner may be able to read it.",
      isPath: true,
    }),
    uri: setting(z.string().regex(/^\/\//, "must be a development key such as //Alice; keep real keys in a file").max(512).optional(), {
      description: "Development key such as //Alice, instead of a wallet. Anybody can sign with it.",
      isSecret: true,
    }),
    areDevKeysAllowed: setting(z.boolean().default(false), { description: "Take `hotkey.uri`.", formerly: ["allowDevKeys"] }),
  })
  .prefault({});

/** What is logged. */
export const logSection = z
  .strictObject({
    level: setting(z.enum(logLevels).default("info"), {
      description: `The least that is logged: ${logLevels.join(", ")}.`,
      formerly: ["logLevel"],
    }),
  })
  .prefault({});

/** Whom `doctor` asks. */
export const doctorSection = z
  .strictObject({
    peer: setting(z.url({ protocol: /^https?$/ }).optional(), {
      description: "URL of a validator's API that `doctor` asks to connect back, to learn whether this port is reached from outside.",
    }),
  })
  .prefault({});

/** Whether and where `doctor` looks for a newer version. */
export const updatesSection = z
  .strictObject({
    isLookedFor: setting(z.boolean().default(true), {
      description: "Let `doctor` ask a registry whether a newer version is out; nothing is ever updated.",
    }),
    registry: setting(z.url({ protocol: /^https?$/ }).default("https://registry.npmjs.org"), {
      description: "The npm registry that is asked.",
    }),
  })
  .prefault({});
