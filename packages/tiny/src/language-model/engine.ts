import type { Arena } from "../kernels/arena.js";
import type { Kernels } from "../kernels/kernels.js";
import { invalidInput } from "../tiny-error.js";
import type { PromptEncoder } from "./prompt-encoder.js";
import type { Transformer } from "./transformer.js";

/** What generating and scoring work with. */
export type Engine = {
  readonly transformer: Transformer;
  readonly kernels: Kernels;
  readonly arena: Arena;
  readonly encoder: PromptEncoder;
};

/** Temperatures above this are noise; a limit also keeps a temperature from becoming infinite as an f32. */
const MAX_TEMPERATURE = 100;

/** Refuses an empty list of tokens and any that is not a token of the vocabulary. */
export function assertTokens(tokens: readonly number[], what: string, vocabularySize: number): void {
  if (tokens.length === 0) throw invalidInput(`There are no ${what} tokens.`);
  const wrong = tokens.find((token) => !Number.isInteger(token) || token < 0 || token >= vocabularySize);
  if (wrong !== undefined) throw invalidInput(`A ${what} token is not in the vocabulary.`, { token: wrong, vocabularySize });
}

/** Refuses a temperature that is not a number from 0 to 100. */
export function assertTemperature(temperature: number): void {
  if (!(temperature >= 0 && temperature <= MAX_TEMPERATURE)) {
    throw invalidInput(`A temperature must be from 0 to ${MAX_TEMPERATURE}.`, { temperature });
  }
}
