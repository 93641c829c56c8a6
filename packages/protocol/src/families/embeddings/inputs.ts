import type { RequestBody } from "../family.js";

const isTokenIds = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.length > 0 && value.every((each) => Number.isInteger(each) && each >= 0);

/** The body's lists of token ids, where its inputs are several of those: each is an answer of its own, as each has to be read as text first. */
function tokenIdLists({ input }: RequestBody): readonly unknown[] | null {
  return Array.isArray(input) && input.length > 0 && input.every(isTokenIds) ? input : null;
}

/** How many requests {@link splitEmbedding} makes of a body: one for all texts, one for each list of token ids. */
export function countEmbeddings(body: RequestBody): number {
  return tokenIdLists(body)?.length ?? 1;
}

/** See {@link countEmbeddings}. */
export function splitEmbedding(body: RequestBody): readonly (readonly RequestBody[])[] {
  return tokenIdLists(body)?.map((input) => [{ ...body, input }]) ?? [[body]];
}

/** Token ids in the place of the text; null where there is text. */
export function embeddingTokenIds({ input }: RequestBody): readonly number[] | null {
  return isTokenIds(input) ? input : null;
}
