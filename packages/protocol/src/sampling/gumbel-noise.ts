const TWO_32 = 2 ** 32;

function mixWord(hash: number, word: number): number {
  let mixed = Math.imul(word, 0xcc9e2d51);
  mixed = (mixed << 15) | (mixed >>> 17);
  const next = hash ^ Math.imul(mixed, 0x1b873593);
  return (Math.imul((next << 13) | (next >>> 19), 5) + 0xe6546b64) | 0;
}

/**
 * MurmurHash3 (32 bits, seed 0) of four words: low and high half of the seed, the position, the column.
 *
 * @param seed - A 64-bit whole number, negative ones in two's complement. Numbers beyond 2^53 only as bigint.
 * @param column - The token's id, or its rank, as the sampler has it.
 * @returns 0 to 2^32 - 1.
 */
export function drawHash(seed: number | bigint, position: number, column: number): number {
  const isBig = typeof seed === "bigint";
  const low = isBig ? Number(BigInt.asUintN(32, seed)) : seed | 0;
  const high = isBig ? Number(BigInt.asUintN(32, seed >> 32n)) : Math.floor(seed / TWO_32) | 0;
  let hash = mixWord(mixWord(mixWord(mixWord(0, low), high), position), column) ^ 16;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Gumbel noise of a token as vLLM 0.32 has it, nats: the large values come from small hashes. */
export function gumbelNoise(seed: number | bigint, position: number, tokenId: number): number {
  return -Math.log(-Math.log1p(-(drawHash(seed, position, tokenId) + 0.5) / TWO_32));
}

/** Gumbel noise of a column as SGLang has it, nats: the large values come from large hashes. */
export function sglangNoise(seed: number | bigint, position: number, column: number): number {
  const logarithm = Math.log(drawHash(seed, position, column) / (TWO_32 - 1));
  return -Math.log(-Math.min(logarithm, -1 / TWO_32));
}
