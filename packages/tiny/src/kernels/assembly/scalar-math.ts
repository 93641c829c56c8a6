/** The host's Math functions may differ in the last bit between engines; these are part of the module and do not. */
export function cos(value: f64): f64 {
  return Math.cos(value);
}

export function sin(value: f64): f64 {
  return Math.sin(value);
}

export function pow(base: f64, exponent: f64): f64 {
  return Math.pow(base, exponent);
}

export function log(value: f64): f64 {
  return Math.log(value);
}
