/** A growing buffer that encoders write to. */
export class ByteSink {
  private buffer = new Uint8Array(256);
  private view = new DataView(this.buffer.buffer);
  private length = 0;

  /** Makes room for `count` more bytes and returns the offset they start at. */
  private reserve(count: number): number {
    const start = this.length;
    const needed = start + count;
    if (needed > this.buffer.length) {
      const grown = new Uint8Array(Math.max(needed, this.buffer.length * 2));
      grown.set(this.buffer);
      this.buffer = grown;
      this.view = new DataView(grown.buffer);
    }
    this.length = needed;
    return start;
  }

  /** Writes one byte. */
  u8(value: number): void {
    const at = this.reserve(1);
    this.buffer[at] = value;
  }

  /** Writes two bytes, little-endian. */
  u16(value: number): void {
    const at = this.reserve(2);
    this.view.setUint16(at, value, true);
  }

  /** Writes four bytes, little-endian. */
  u32(value: number): void {
    const at = this.reserve(4);
    this.view.setUint32(at, value, true);
  }

  /** Writes eight bytes, little-endian. */
  u64(value: bigint): void {
    const at = this.reserve(8);
    this.view.setBigUint64(at, value, true);
  }

  /** Writes bytes as they are, without a length. */
  bytes(value: Uint8Array): void {
    const at = this.reserve(value.length);
    this.buffer.set(value, at);
  }

  /** A copy of what was written so far. */
  finish(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }
}

/** Thrown when bytes are not what a codec expects. */
export class ScaleError extends Error {
  override readonly name = "ScaleError";
}

/** A reading position in bytes. Every method throws {@link ScaleError} past the end. */
export class ByteSource {
  private readonly view: DataView;
  private position = 0;

  constructor(private readonly input: Uint8Array) {
    this.view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  }

  /** Bytes left. */
  get remaining(): number {
    return this.input.length - this.position;
  }

  /** Offset of the next byte. */
  get offset(): number {
    return this.position;
  }

  private advance(count: number): number {
    const at = this.position;
    if (count > this.remaining) throw new ScaleError(`Expected ${count} more bytes, ${this.remaining} left`);
    this.position = at + count;
    return at;
  }

  /** The next byte. */
  u8(): number {
    return this.view.getUint8(this.advance(1));
  }

  /** The next two bytes, little-endian. */
  u16(): number {
    return this.view.getUint16(this.advance(2), true);
  }

  /** The next four bytes, little-endian. */
  u32(): number {
    return this.view.getUint32(this.advance(4), true);
  }

  /** The next eight bytes, little-endian. */
  u64(): bigint {
    return this.view.getBigUint64(this.advance(8), true);
  }

  /** A copy of the next `count` bytes. */
  bytes(count: number): Uint8Array {
    const at = this.advance(count);
    return this.input.slice(at, at + count);
  }
}
