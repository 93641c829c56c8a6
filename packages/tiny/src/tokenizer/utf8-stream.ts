/** Turns the bytes of one token after another into text. */
export type Utf8Stream = {
  /** Text that these bytes complete; characters still incomplete are held back. */
  readonly push: (bytes: Uint8Array) => string;
  /** What was held back, as U+FFFD. */
  readonly end: () => string;
};

/** A stream whose pieces, joined, are the text that decoding all bytes at once would give. */
export function createUtf8Stream(): Utf8Stream {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return {
    push: (bytes) => decoder.decode(bytes, { stream: true }),
    end: () => decoder.decode(),
  };
}
