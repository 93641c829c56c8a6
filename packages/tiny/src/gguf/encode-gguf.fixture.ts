/** A metadata pair to write; `type` and `elementType` are GGUF's numbers, of which this knows 4 (u32), 6 (f32), 8 (text) and 9 (list). */
export type FixtureMetadata = {
  readonly key: string;
  readonly type: number;
  readonly elementType?: number;
  readonly value: number | string | readonly (number | string)[];
};

/** A tensor to write, as it stands: nothing is checked, so that tests can write impossible files. */
export type FixtureTensor = {
  readonly name: string;
  readonly dimensions: readonly number[];
  readonly type: number;
  readonly bytes: Uint8Array;
};

const ALIGNMENT = 32;

function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function text(value: string): Uint8Array {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}

function scalar(type: number, value: number | string): Uint8Array {
  if (typeof value === "string") return text(value);
  if (type !== 6) return u32(value);
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function pair({ key, type, elementType = 4, value }: FixtureMetadata): Uint8Array {
  if (typeof value === "number" || typeof value === "string") return Buffer.concat([text(key), u32(type), scalar(type, value)]);
  return Buffer.concat([
    text(key),
    u32(type),
    u32(elementType),
    u64(value.length),
    ...value.map((element) => scalar(elementType, element)),
  ]);
}

/** A GGUF file, version 3, for tests. */
export function encodeGguf({
  metadata,
  tensors,
}: {
  readonly metadata: readonly FixtureMetadata[];
  readonly tensors: readonly FixtureTensor[];
}): Uint8Array {
  const pad = (length: number) => Math.ceil(length / ALIGNMENT) * ALIGNMENT;
  let offset = 0;
  const headers = tensors.map(({ name, dimensions, type, bytes }) => {
    const header = Buffer.concat([text(name), u32(dimensions.length), ...dimensions.map(u64), u32(type), u64(offset)]);
    offset += pad(bytes.length);
    return header;
  });
  const head = Buffer.concat([Buffer.from("GGUF"), u32(3), u64(tensors.length), u64(metadata.length), ...metadata.map(pair), ...headers]);
  const parts = [head, Buffer.alloc(pad(head.length) - head.length)];
  tensors.forEach(({ bytes }, i) => {
    // The last tensor ends the file: what is missing there is missing.
    parts.push(Buffer.from(bytes), Buffer.alloc(i === tensors.length - 1 ? 0 : pad(bytes.length) - bytes.length));
  });
  return new Uint8Array(Buffer.concat(parts));
}
