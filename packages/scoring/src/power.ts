// The language leaves the last bits of `**` to the engine, and Node.js and browsers do differ; a score must not. Here are only sums,
// products and quotients, which IEEE 754 fixes. Logarithms are kept as two numbers whose sum is meant (T. J. Dekker, "A floating-point
// technique for extending the available precision", 1971).

const LARGEST_MULTIPLIED_EXPONENT = 64;
const TWO_64 = 4_294_967_296 * 4_294_967_296;
const SMALLEST_NORMAL = 2.2250738585072014e-308;
const SPLITTER = 134_217_729; // 2^27 + 1
// ln 2: the first part has 32 bits, so that its product with the exponent of a double is exact.
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
/** 1/3, 1/5 ... 1/25, last first: ln m = 2s + 2s^3 (1/3 + s^2/5 + ...), s = (m - 1) / (m + 1). */
const LOG_SERIES = Array.from({ length: 12 }, (_, index) => 1 / (25 - 2 * index));
/** 1/2!, 1/3! ... 1/17!, last first. */
const EXP_SERIES = makeExpSeries();

function makeExpSeries(): number[] {
  const series: number[] = [];
  for (let n = 2, factorial = 2; n <= 17; n += 1, factorial *= n) series.unshift(1 / factorial);
  return series;
}

function polynomial(coefficients: readonly number[], at: number): number {
  let value = 0;
  for (let index = 0; index < coefficients.length; index += 1) value = value * at + (coefficients[index] ?? 0);
  return value;
}

/** What rounding took from `a + b`. */
function sumError(a: number, b: number, sum: number): number {
  const fromB = sum - a;
  return a - (sum - fromB) + (b - fromB);
}

/** What rounding took from `a * b`. */
function productError(a: number, b: number, product: number): number {
  const aHigh = SPLITTER * a - (SPLITTER * a - a);
  const bHigh = SPLITTER * b - (SPLITTER * b - b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

const bits = new DataView(new ArrayBuffer(8));

/** `value = mantissa * 2^exponent`, the mantissa between the roots of 1/2 and 2. */
function decompose(value: number): { readonly mantissa: number; readonly exponent: number } {
  const isTiny = value < SMALLEST_NORMAL;
  bits.setFloat64(0, isTiny ? value * TWO_64 : value);
  const head = bits.getUint32(0);
  const exponent = (head >>> 20) - 1023 - (isTiny ? 64 : 0);
  bits.setUint32(0, (head & 0x000f_ffff) | 0x3ff0_0000);
  const mantissa = bits.getFloat64(0);
  return mantissa > Math.SQRT2 ? { mantissa: mantissa / 2, exponent: exponent + 1 } : { mantissa, exponent };
}

/** The value times 2^exponent. */
function scaled(value: number, exponent: number): number {
  if (exponent > 1023) return scaled(value * TWO_64, exponent - 64);
  if (exponent < -1022) return scaled(value / TWO_64, exponent + 64);
  bits.setUint32(0, (exponent + 1023) << 20);
  bits.setUint32(4, 0);
  return value * bits.getFloat64(0);
}

/** Natural logarithm of a number above 0, as two numbers. */
function logOf(value: number): readonly [high: number, low: number] {
  const { mantissa, exponent } = decompose(value);
  const denominator = mantissa + 1;
  const s = (mantissa - 1) / denominator;
  const product = s * denominator;
  const remainder = mantissa - 1 - product - productError(s, denominator, product) - s * sumError(mantissa, 1, denominator);
  const tail = 2 * s * s * s * polynomial(LOG_SERIES, s * s);
  const ofMantissa = 2 * s + tail;
  const ofMantissaLow = sumError(2 * s, tail, ofMantissa) + (2 * remainder) / denominator;
  const high = exponent * LN2_HIGH + ofMantissa;
  return [high, sumError(exponent * LN2_HIGH, ofMantissa, high) + (ofMantissaLow + exponent * LN2_LOW)];
}

/** e to the sum of two numbers, of which the second is far smaller. */
function expOf(high: number, low: number): number {
  // Beyond the range of a double; ln of the largest is 709.8, of the smallest -744.4.
  if (high > 710) return Number.POSITIVE_INFINITY;
  if (high < -746) return 0;
  const exponent = Math.round(high / LN2_HIGH);
  const most = high - exponent * LN2_HIGH;
  const others = sumError(high, -exponent * LN2_HIGH, most) + (low - exponent * LN2_LOW);
  const rest = most + others;
  const restLow = sumError(most, others, rest);
  return scaled(1 + (rest + (rest * rest * polynomial(EXP_SERIES, rest) + restLow * (1 + rest))), exponent);
}

function multiplied(base: number, times: number): number {
  let result = 1;
  let square = base;
  for (let rest = times; rest > 0; rest >>= 1) {
    if ((rest & 1) === 1) result *= square;
    square *= square;
  }
  return result;
}

/**
 * `base ** exponent`, the same to the bit in every engine.
 *
 * Off by less than a unit in the last place; whole exponents up to 64 are multiplied out, half a unit for each product.
 *
 * @param base - 0 or more. Infinite and negative ones give NaN, as do exponents that are no finite numbers.
 */
export function power(base: number, exponent: number): number {
  if (!(base >= 0 && Number.isFinite(base) && Number.isFinite(exponent))) return Number.NaN;
  if (Number.isInteger(exponent) && exponent >= 0 && exponent <= LARGEST_MULTIPLIED_EXPONENT) return multiplied(base, exponent);
  if (base === 0) return exponent > 0 ? 0 : Number.POSITIVE_INFINITY;
  const [logHigh, logLow] = logOf(base);
  const high = exponent * logHigh;
  return expOf(high, productError(exponent, logHigh, high) + exponent * logLow);
}

/** e to the value, the same to the bit in every engine; off by less than a unit in the last place. NaN for what is no finite number. */
export function exponential(value: number): number {
  return Number.isFinite(value) ? expOf(value, 0) : Number.NaN;
}
