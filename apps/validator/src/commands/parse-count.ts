import { InvalidArgumentError } from "commander";

/** A whole number of at most nine digits. @throws what commander shows beside the argument. */
export function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}
