import { createHotkeyFromUri, type Hotkey } from "@vision/signing";
import { type Profile, profiles } from "./profiles.js";

/** A miner of the local subnet with its development keys. Anybody can derive them: they are worth nothing. */
export type LocalMiner = { readonly profile: Profile; readonly hotkeyUri: string; readonly hotkey: Hotkey; readonly coldkey: Hotkey };

export type LocalValidator = { readonly hotkeyUri: string; readonly hotkey: Hotkey; readonly coldkey: Hotkey };

/** Development keys of miners, those of the subnet on embedded models unless others are given, in the order of the profiles. `ready()` of @vision/signing must have resolved. */
export function createLocalMiners(of: readonly Profile[] = profiles): readonly LocalMiner[] {
  return of.map((profile) => {
    const hotkeyUri = `//localnet//${profile.name}`;
    return { profile, hotkeyUri, hotkey: createHotkeyFromUri(hotkeyUri), coldkey: createHotkeyFromUri(`${hotkeyUri}//cold`) };
  });
}

/** Development keys of the local subnet's validator. */
export function createLocalValidator(): LocalValidator {
  const hotkeyUri = "//localnet//validator";
  return { hotkeyUri, hotkey: createHotkeyFromUri(hotkeyUri), coldkey: createHotkeyFromUri(`${hotkeyUri}//cold`) };
}
