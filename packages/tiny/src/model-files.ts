import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { invalidModel } from "./tiny-error.js";

/** Models that come with this package; each has a card in `models/<name>.md`. */
export type TinyModelName = "tiny-lm-q8_0" | "tiny-lm-small-q8_0" | "tiny-emoji-diffusion-f16";

/** SHA-256 of each model file. A changed model answers differently, and an honest miner would be marked down for it. */
const digests: Readonly<Record<TinyModelName, string>> = {
  "tiny-lm-q8_0": "59450e5b4dce8c5f3e6121191d41e815720810493144240a73e12fac90cd6480",
  "tiny-lm-small-q8_0": "b7ae178c537581a6d4080b1ff76bf58154b2adcfe2c5f63c6c20013f0bd878fc",
  "tiny-emoji-diffusion-f16": "524397b1526c1fda08e56f636ed0325280769f7f3666644247a90af485931efd",
};

/** Names of the models that come with this package. */
export const modelNames: readonly TinyModelName[] = ["tiny-lm-q8_0", "tiny-lm-small-q8_0", "tiny-emoji-diffusion-f16"];

/** What each model makes. */
export const modelKinds: Readonly<Record<TinyModelName, "language" | "image">> = {
  "tiny-lm-q8_0": "language",
  "tiny-lm-small-q8_0": "language",
  "tiny-emoji-diffusion-f16": "image",
};

/** True for the name of a model that comes with this package. */
export function isModelName(name: string): name is TinyModelName {
  return (modelNames as readonly string[]).includes(name);
}

/**
 * Path of a model file.
 *
 * Looked up as `@vision/tiny/models/<name>.gguf` from where this code runs, which also works for a program that bundles this code and has
 * the package installed; then beside the code itself, for a bundle that brings a `models` folder along.
 */
function modelPath(name: TinyModelName): string {
  const tried: string[] = [];
  try {
    return createRequire(import.meta.url).resolve(`@vision/tiny/models/${name}.gguf`);
  } catch {
    tried.push(`@vision/tiny/models/${name}.gguf`);
  }
  for (const folder of ["../models/", "./models/"]) {
    const path = fileURLToPath(new URL(`${folder}${name}.gguf`, import.meta.url));
    if (existsSync(path)) return path;
    tried.push(path);
  }
  throw invalidModel(`The model file ${name}.gguf was not found. Install @vision/tiny beside the program.`, { name, tried });
}

/**
 * Bytes of a model that comes with this package (GGUF), checked against their known SHA-256.
 *
 * @throws {@link TinyError} `TINY_INVALID_MODEL` when the file is missing or changed.
 */
export async function readModelFile(name: TinyModelName): Promise<Uint8Array> {
  if (!isModelName(name)) throw invalidModel(`There is no embedded model of this name. Use one of: ${modelNames.join(", ")}.`, { name });
  const bytes = await readFile(modelPath(name));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (sha256 !== digests[name]) {
    throw invalidModel(`The model file ${name}.gguf is damaged. Reinstall @vision/tiny.`, { name, sha256, expectedSha256: digests[name] });
  }
  return bytes;
}
