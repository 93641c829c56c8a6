import { z } from "zod";

const sources = ["mnemonicFile", "seedFile", "uri", "wallet"] as const;

/** Where the hotkey is: exactly one of four places. */
export const hotkeySchema = z
  .strictObject({
    /** File with a BIP-39 mnemonic. */
    mnemonicFile: z.string().min(1).optional(),
    /** File with a 32-byte seed in hex. */
    seedFile: z.string().min(1).optional(),
    /** Development key such as `//Alice`; anybody can sign with it. */
    uri: z.string().regex(/^\/\//, "must be a development key such as //Alice; keep real keys in a file").optional(),
    /** Wallet by name, in btcli's files. An encrypted hotkey takes its password from btcli's `BT_PW_...` variable. */
    wallet: z.string().min(1).optional(),
    /** Which hotkey of the wallet. Left out: `default`. */
    walletHotkey: z.string().min(1).optional(),
    /** Folder of wallets. Left out: `~/.bittensor/wallets`. */
    walletsPath: z.string().min(1).optional(),
  })
  .refine((hotkey) => sources.filter((source) => hotkey[source] !== undefined).length === 1, {
    error: "give exactly one of mnemonicFile, seedFile, uri and wallet",
  })
  .refine(({ wallet, walletHotkey, walletsPath }) => wallet !== undefined || (walletHotkey === undefined && walletsPath === undefined), {
    error: "walletHotkey and walletsPath say more about a wallet; give wallet too",
  });
