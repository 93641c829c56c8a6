const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BASE = BigInt(ALPHABET.length);
const digitOf: ReadonlyMap<string, bigint> = new Map([...ALPHABET].map((letter, index) => [letter, BigInt(index)]));

/** Base58 in Bitcoin's alphabet: leading zero bytes are written as `1`. For short input: it takes time by the square of the length. */
export function encodeBase58(bytes: Uint8Array): string {
  let value = BigInt(`0x0${Buffer.from(bytes).toString("hex")}`);
  let text = "";
  for (; value > 0n; value /= BASE) text = ALPHABET.charAt(Number(value % BASE)) + text;
  const zeros = bytes.findIndex((byte) => byte !== 0);
  return "1".repeat(zeros === -1 ? bytes.length : zeros) + text;
}

/** The bytes of a base58 text, or `null` when it holds another letter. */
export function decodeBase58(text: string): Uint8Array | null {
  let value = 0n;
  for (const letter of text) {
    const digit = digitOf.get(letter);
    if (digit === undefined) return null;
    value = value * BASE + digit;
  }
  const hex = value === 0n ? "" : value.toString(16);
  const rest = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  const zeros = /^1*/.exec(text)?.[0].length ?? 0;
  return Buffer.concat([Buffer.alloc(zeros), rest]);
}
