import type { ChainCommandConfig } from "../config/chain-command-config.js";
import type { HotkeySurroundings } from "../hotkey/load-hotkey.js";
import type { Terminal } from "../terminal/terminal.js";

/** What a command about the chain is given. */
export type ChainCommandContext = HotkeySurroundings & { readonly config: ChainCommandConfig; readonly terminal: Terminal };
