import { read } from "./lanes";

const LN_2: f64 = 0.6931471805599453;

/** ln of the sum of the exponentials of `count` logits. */
export function logSumExp(logits: usize, count: i32): f32 {
  let largest: f32 = -Infinity;
  for (let i: i32 = 0; i < count; i++) {
    const value = read(logits, i);
    if (value > largest) largest = value;
  }
  let sum: f64 = 0;
  for (let i: i32 = 0; i < count; i++) sum += <f64>Mathf.exp(read(logits, i) - largest);
  return largest + <f32>Math.log(sum);
}

function mixWord(hash: u32, word: u32): u32 {
  const mixed = rotl<u32>(word * 0xcc9e2d51, 15) * 0x1b873593;
  return rotl<u32>(hash ^ mixed, 13) * 5 + 0xe6546b64;
}

/** MurmurHash3 of (seed, position), all that the tokens of one position share. */
function hashPosition(seedLow: i32, seedHigh: i32, position: i32): u32 {
  return mixWord(mixWord(mixWord(0, seedLow), seedHigh), position);
}

/** MurmurHash3 (32 bits) of seed, position and token: the random bits behind the noise of one token at one position. */
function noiseBits(positionHash: u32, token: i32): u32 {
  let h = mixWord(positionHash, token) ^ 16;
  h = (h ^ (h >> 16)) * 0x85ebca6b;
  h = (h ^ (h >> 13)) * 0xc2b2ae35;
  return h ^ (h >> 16);
}

/** Gumbel noise of 1 - u, u = (bits + 0.5) / 2^32: the large values come from small bits. */
function gumbel(bits: u32): f64 {
  return -Math.log(-Math.log1p(-(<f64>bits + 0.5) / 4294967296.0));
}

function largestLogit(logits: usize, count: i32): i32 {
  let best: i32 = 0;
  let bestValue: f32 = -Infinity;
  for (let i: i32 = 0; i < count; i++) {
    const value = read(logits, i);
    if (value > bestValue) {
      bestValue = value;
      best = i;
    }
  }
  return best;
}

/**
 * The token drawn by Gumbel-max: argmax of logit / temperature + noise(seed, position, token), the noise that vLLM 0.32 draws with. At a
 * temperature of 0, the largest logit. Ties go to the lowest id.
 *
 * The noise depends on nothing but its counters, so that anybody can redo the draw of any single position.
 */
export function pickToken(logits: usize, count: i32, temperature: f32, seedLow: i32, seedHigh: i32, position: i32): i32 {
  const likeliest = largestLogit(logits, count);
  if (temperature <= 0) return likeliest;
  const scale = <f64>temperature;
  const hash = hashPosition(seedLow, seedHigh, position);
  // Two logarithms a token would cost more than the network. A token needs them only if it could win: -ln(1 - u) > u, so the noise is
  // below -ln u < (clz(bits) + 1) ln 2. 1e-9 covers the rounding; it never skips a winner.
  let toBeat: f64 = <f64>read(logits, likeliest) / scale + gumbel(noiseBits(hash, likeliest));
  let best: i32 = likeliest;
  let bestValue: f64 = -Infinity;
  for (let i: i32 = 0; i < count; i++) {
    const bits = noiseBits(hash, i);
    const scaled = <f64>read(logits, i) / scale;
    if (scaled + <f64>(clz<u32>(bits) + 1) * LN_2 + 1e-9 < toBeat) continue;
    const value = scaled + gumbel(bits);
    if (value > bestValue) {
      bestValue = value;
      best = i;
    }
    if (value > toBeat) toBeat = value;
  }
  return best;
}
