/** RAO in one TAO. */
const RAO_PER_TAO = 1_000_000_000n;

/** An amount of TAO in decimal notation, such as `0.25`, as RAO; null when it is none or finer than a RAO. */
export function safeParseTao(text: string): bigint | null {
  const [, whole, fraction = ""] = /^(\d{1,10})(?:\.(\d{1,9}))?$/.exec(text.trim()) ?? [];
  return whole === undefined ? null : BigInt(whole) * RAO_PER_TAO + BigInt(fraction.padEnd(9, "0"));
}
