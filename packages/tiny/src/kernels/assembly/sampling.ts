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

/** Hash of (seed, position, token): the random 32 bits behind the noise of one token at one position. */
function noiseBits(seed: i32, position: i32, token: i32): u32 {
  let h: u32 = (<u32>(seed ^ <i32>0x9e3779b9) * 0x85ebca6b) ^ (<u32>(position + 1) * 0xc2b2ae35) ^ (<u32>(token + 1) * 0x27d4eb2f);
  h ^= h >> 15;
  h *= 0x2c1b3c6d;
  h ^= h >> 12;
  h *= 0x297a2d39;
  h ^= h >> 15;
  return h;
}

/** Gumbel noise of u = (bits + 0.5) / 2^32. */
function gumbel(bits: u32): f64 {
  return -Math.log(-Math.log((<f64>bits + 0.5) / 4294967296.0));
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
 * The token drawn by Gumbel-max: argmax of logit / temperature + noise(seed, position, token). At a temperature of 0, the largest logit.
 * Ties go to the lowest id.
 *
 * The noise depends on nothing but its three counters, so that anybody can redo the draw of any single position.
 */
export function pickToken(logits: usize, count: i32, temperature: f32, seed: i32, position: i32): i32 {
  const likeliest = largestLogit(logits, count);
  if (temperature <= 0) return likeliest;
  const scale = <f64>temperature;
  // Two logarithms a token would cost more than the network. A token needs them only if it could win: with c = 2^32 - 1 - bits, the
  // noise is at most -ln(1 - u) < (clz(c) + 1) ln 2. 1e-9 covers the rounding; it never skips a winner.
  let toBeat: f64 = <f64>read(logits, likeliest) / scale + gumbel(noiseBits(seed, position, likeliest));
  let best: i32 = likeliest;
  let bestValue: f64 = -Infinity;
  for (let i: i32 = 0; i < count; i++) {
    const bits = noiseBits(seed, position, i);
    const scaled = <f64>read(logits, i) / scale;
    if (scaled + <f64>(clz<u32>(~bits) + 1) * LN_2 + 1e-9 < toBeat) continue;
    const value = scaled + gumbel(bits);
    if (value > bestValue) {
      bestValue = value;
      best = i;
    }
    if (value > toBeat) toBeat = value;
  }
  return best;
}
