import type { Hotkey } from "@vision/signing";
import { type DoctorCheck, ok } from "./finding.js";

/** Whether the hotkey can be read. @param hotkey - Being loaded; other checks may wait for it too. */
export function checkWallet(hotkey: Promise<Pick<Hotkey, "address">>): DoctorCheck {
  return { name: "wallet", run: async () => ok(`the hotkey is ${(await hotkey).address}`) };
}
