import { pathToFileURL } from "node:url";
import sodium from "libsodium-wrappers-sumo";

/**
 * This module's own file, which a worker thread imports. In a bundle it is the chunk that holds this module and no program.
 * The CommonJS build's substitute for `import.meta.url` names the file of the substitute, so `module` is asked first.
 */
export const moduleUrl: string =
  typeof module === "undefined" || typeof module.filename !== "string" ? import.meta.url : pathToFileURL(module.filename).href;

/** What {@link deriveArgon2Key} takes. */
export type Argon2Parameters = {
  readonly password: string;
  /** 16 bytes. */
  readonly salt: Uint8Array;
  readonly passes: number;
  readonly memoryBytes: number;
};

/** 32 bytes of Argon2i v1.3 with one lane. Blocks its thread: 6 s and 512 MiB at btcli's parameters. */
export async function deriveArgon2Key(parameters: Argon2Parameters): Promise<Uint8Array> {
  await sodium.ready;
  return sodium.crypto_pwhash(
    32,
    parameters.password,
    parameters.salt,
    parameters.passes,
    parameters.memoryBytes,
    sodium.crypto_pwhash_ALG_ARGON2I13,
  );
}
