import { z } from "zod";

/** What a validator's operator calls miners, by hotkey: words for people, no part of anything. */
export const minerNamesSchema = z.object({ names: z.record(z.string(), z.string()) });

/** See {@link minerNamesSchema}. */
export type MinerNames = { readonly names: Readonly<Record<string, string>> };
