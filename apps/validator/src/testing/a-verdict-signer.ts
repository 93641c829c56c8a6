import { createHotkeyFromUri, ready, signVerdicts } from "@vision/signing";
import type { VerdictSigner } from "../ports/index.js";

/** What miners are told is signed with the key `//Validator`. */
export async function aVerdictSigner(): Promise<VerdictSigner> {
  await ready();
  const hotkey = createHotkeyFromUri("//Validator");
  return { validator: hotkey.address, sign: async (claim) => signVerdicts(hotkey, claim) };
}
