/**
 * The printable stand-in of each byte in byte-level BPE vocabularies, as GPT-2 defined it: printable Latin-1 stands for itself, every
 * other byte for the code points from 256 on.
 */
function createByteAlphabet(): readonly string[] {
  const isPrintable = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(isPrintable(byte) ? byte : next++));
}

/** Stand-in character of each byte. */
export const byteCharacters: readonly string[] = createByteAlphabet();

const bytesByCharacter: ReadonlyMap<string, number> = new Map(byteCharacters.map((character, byte) => [character, byte]));

/** Text of stand-in characters for these bytes. */
export function charactersOfBytes(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byteCharacters[byte];
  return text;
}

/** Bytes that a text of stand-in characters means; undefined when it holds any other character. */
export function bytesOfCharacters(text: string): Uint8Array | undefined {
  const bytes: number[] = [];
  for (const character of text) {
    const byte = bytesByCharacter.get(character);
    if (byte === undefined) return undefined;
    bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}
