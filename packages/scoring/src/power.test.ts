import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { exponential, power } from "./power.js";

// Base, exponent and the double next to the true value, by Python's decimal module with 60 digits.
const vectors = [
  [0.6229016948897019, 1.02, 0.6170323057328249],
  [0.7417869892607294, 1.02, 0.7373688651332427],
  [0.7951935655656966, 1.02, 0.791557219675073],
  [0.9424502837770503, 1.02, 0.9413337253709705],
  [2.98780658146593e-5, 0.7157552850958431, 0.0005773771920236568],
  [0.07232115653876275, 1.4414037904881063, 0.022685103745402235],
  [2.0, -3.5264613435469294, 0.08678194050743093],
  [2.0, -17.912567174903653, 4.05303151804607e-6],
  [871318.8314505208, -18.409291498064533, 4.421281930674537e-110],
  [588855.5764729457, -15.30185031515407, 5.10727384606558e-89],
  [0.9999999993507188, -10817687.000120983, 1.0070484448069772],
  [1.0000000004678615, -91716029.3940371, 0.9579972212592321],
  [5e-324, 0.5, 2.2227587494850775e-162],
  [1.7976931348623157e308, 0.999, 8.840174632999172e307],
  [0.5, 1022.5, 1.5733648139913585e-308],
  [0.5, 1073.5, 5e-324],
] as const;

/** How many doubles lie between two numbers above 0. */
function distance(a: number, b: number): bigint {
  const view = new DataView(new ArrayBuffer(16));
  view.setFloat64(0, a);
  view.setFloat64(8, b);
  const difference = view.getBigInt64(0) - view.getBigInt64(8);
  return difference < 0n ? -difference : difference;
}

describe("power", () => {
  it.each(vectors)("%d to the %d is the double at or beside the true value", (base, exponent, expected) => {
    expect(distance(power(base, exponent), expected)).toBeLessThanOrEqual(1n);
  });

  it("gives the same bits as when this was written: published scores are compared to the bit", () => {
    expect(power(0.7951935655656966, 1.02)).toBe(0.7915572196750729);
    expect(power(0.9424502837770503, 1.02)).toBe(0.9413337253709705);
    expect(power(0.97, 19)).toBe(0.5606127246667496);
    expect(power(2, -11.232335895168347)).toBe(0.00041565209535884986);
  });

  it("gives e to a number", () => {
    expect(exponential(-0.5)).toBe(0.6065306597126334);
    expect(exponential(1)).toBe(Math.E);
    expect(exponential(-800)).toBe(0);
    expect(exponential(800)).toBe(Number.POSITIVE_INFINITY);
    expect(exponential(Number.NaN)).toBeNaN();
  });

  it("multiplies whole exponents out", () => {
    expect(power(3, 20)).toBe(3_486_784_401);
    expect(power(0.5, 64)).toBe(5.421010862427522e-20);
    expect(power(7, 0)).toBe(1);
    expect(power(0, 0)).toBe(1);
  });

  it("goes to 0 and infinity at the ends, and has no value for what is no number of 0 or more", () => {
    expect(power(0, 1.02)).toBe(0);
    expect(power(0, -0.5)).toBe(Number.POSITIVE_INFINITY);
    expect(power(1e300, 1.5)).toBe(Number.POSITIVE_INFINITY);
    expect(power(1e-300, 1.5)).toBe(0);
    for (const base of [-1, Number.NaN, Number.POSITIVE_INFINITY]) expect(power(base, 1.02)).toBeNaN();
    expect(power(2, Number.POSITIVE_INFINITY)).toBeNaN();
  });

  it("regression: a browser computed other last bits than Node.js; no other power, logarithm or exponential is in what scores", () => {
    const used = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
      .flatMap((file) =>
        readFileSync(join(import.meta.dirname, file), "utf8")
          .split("\n")
          .filter((line) => !/^\s*(\/\/|\*|\/\*\*)/.test(line) && /(?<!2) \*\* |Math\.(pow|exp|log|sin|cos|tan|hypot)/.test(line))
          .map((line) => `${file}: ${line.trim()}`),
      );
    expect(used).toEqual([]);
  });
});
