/** The host's Math functions may differ in the last bit between engines; these are part of the module and do not. */
export function cos(value: f64): f64 {
  return Math.cos(value);
}

/** Sine of an angle in radians, the same on every engine. */
export function sin(value: f64): f64 {
  return Math.sin(value);
}

/** The base to the exponent, the same on every engine. */
export function pow(base: f64, exponent: f64): f64 {
  return Math.pow(base, exponent);
}

/** Natural logarithm, the same on every engine. */
export function log(value: f64): f64 {
  return Math.log(value);
}
