import type { Rao } from "../port.js";

/** RAO as TAO in decimal notation, without trailing zeros. */
export function formatTao(rao: Rao): string {
  const whole = rao / 1_000_000_000n;
  const rest = (rao % 1_000_000_000n).toString().padStart(9, "0").replace(/0+$/, "");
  return rest === "" ? whole.toString() : `${whole}.${rest}`;
}
