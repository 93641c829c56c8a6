import { z } from "zod";
import { hotkeySchema } from "./hotkey-config.js";
import { chainSchema } from "./miner-config.js";

/** As much of the configuration as `register` and `status` need: whose place on which subnet. */
export const chainCommandSchema = z.object({ hotkey: hotkeySchema, chain: chainSchema });

/** A checked {@link chainCommandSchema}. */
export type ChainCommandConfig = z.infer<typeof chainCommandSchema>;
