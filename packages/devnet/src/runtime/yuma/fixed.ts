/**
 * Fixed point numbers as raw bits in a bigint, rounded and saturated as the chain's (`substrate_fixed`): multiplication rounds down, division
 * rounds towards zero, overflow stops at the limits, division by zero gives zero.
 */

const i64Maximum = (1n << 63n) - 1n;
const i64Minimum = -(1n << 63n);
const i128Maximum = (1n << 127n) - 1n;
const i128Minimum = -(1n << 127n);

/** Raw bits of an `I32F32`: value x 2^32, saturating at 64 bits. */
export type I32F32 = bigint;

/** Raw bits of an `I64F64`: value x 2^64, saturating at 128 bits. */
export type I64F64 = bigint;

/** 1 as an {@link I32F32}. */
export const ONE: I32F32 = 1n << 32n;

function saturate(value: bigint): I32F32 {
  if (value > i64Maximum) return i64Maximum;
  return value < i64Minimum ? i64Minimum : value;
}

/** A whole number as an {@link I32F32}, saturating. */
export function fromInteger(value: bigint): I32F32 {
  return saturate(value << 32n);
}

/** Sum, saturating. */
export function add(left: I32F32, right: I32F32): I32F32 {
  return saturate(left + right);
}

/** Difference, saturating. */
export function subtract(left: I32F32, right: I32F32): I32F32 {
  return saturate(left - right);
}

/** Product, rounded down, saturating. */
export function multiply(left: I32F32, right: I32F32): I32F32 {
  return saturate((left * right) >> 32n);
}

/** Quotient, rounded towards zero, saturating; 0 for a divisor of 0. */
export function divide(left: I32F32, right: I32F32): I32F32 {
  return right === 0n ? 0n : saturate((left << 32n) / right);
}

/** Sum of all. */
export function sum(values: readonly I32F32[]): I32F32 {
  let total = 0n;
  for (const value of values) total = add(total, value);
  return total;
}

/** Whole part, for values in 0..65535; what is outside stops at the limits. */
export function toU16(value: I32F32): number {
  const whole = value >> 32n;
  if (whole < 0n) return 0;
  return whole > 65_535n ? 65_535 : Number(whole);
}

/** A proportion in 0..1 as a share of 65535, rounded down. */
export function proportionToU16(value: I32F32): number {
  return toU16(multiply(value, fromInteger(65_535n)));
}

/** Nearest whole number, halves away from zero, as {@link I32F32}. */
export function round(value: I32F32): I32F32 {
  const half = ONE / 2n;
  return value >= 0n ? ((value + half) >> 32n) << 32n : -(((-value + half) >> 32n) << 32n);
}

/** Quotient of two `I64F64`, rounded towards zero, saturating; 0 for a divisor of 0. */
export function divide64(left: I64F64, right: I64F64): I64F64 {
  return right === 0n ? 0n : saturate128((left << 64n) / right);
}

/** An `I64F64` as an `I32F32`, rounded down, saturating. */
export function narrow(value: I64F64): I32F32 {
  return saturate(value >> 32n);
}

function saturate128(value: bigint): I64F64 {
  if (value > i128Maximum) return i128Maximum;
  return value < i128Minimum ? i128Minimum : value;
}
