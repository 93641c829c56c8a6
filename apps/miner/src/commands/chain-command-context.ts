import type { HotkeySurroundings, Terminal } from "@vision/program";
import type { ChainCommandConfig } from "../config/load-config.js";

/** What a command about the chain is given. */
export type ChainCommandContext = HotkeySurroundings & { readonly config: ChainCommandConfig; readonly terminal: Terminal };
