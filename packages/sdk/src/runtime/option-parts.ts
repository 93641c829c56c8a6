import type { Hotkey } from "@vision/signing";
import { z } from "zod";
import type { Clock } from "./clock.js";
import type { Logger } from "./logger.js";

/** Something with these functions. What is behind them cannot be checked, but what was forgotten or mixed up can. */
export function withFunctions<Value>(names: readonly (keyof Value & string)[], what: string) {
  return z.custom<Value>(
    (value) => typeof value === "object" && value !== null && names.every((name) => typeof Reflect.get(value, name) === "function"),
    `must be ${what}, with ${names.join(" and ")}`,
  );
}

/** A hotkey that can sign. */
export const hotkeyOption = withFunctions<Hotkey>(["sign"], "a hotkey, e.g. of createHotkeyFromMnemonic").refine(
  (hotkey) => typeof hotkey.address === "string",
  "must have an address",
);

export const clockOption = withFunctions<Clock>(["nowMs", "monotonicMs", "setTimer"], "a clock").optional();

export const loggerOption = withFunctions<Logger>(["debug", "info", "warn", "error"], "a logger").optional();

export const netuidOption = z.int("must be the number of a subnet").min(0).max(65_535);
