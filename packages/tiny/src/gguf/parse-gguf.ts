import { invalidModel } from "../tiny-error.js";
import { type ByteReader, createByteReader } from "./byte-reader.js";
import { type TensorType, tensorLayouts } from "./tensor-types.js";

/** A value of the metadata of a GGUF file. */
export type GgufValue = number | boolean | string | readonly GgufValue[];

/** Where a tensor lies in the file. `dimensions`: the fastest first, as GGUF has them. */
export type GgufTensor = {
  readonly name: string;
  readonly type: TensorType;
  readonly dimensions: readonly number[];
  /** Product of the dimensions. */
  readonly valueCount: number;
  /** The stored bytes: within the file and of the right length. */
  readonly bytes: Uint8Array;
};

/** A parsed GGUF file. Its tensors point into the bytes it was parsed from. */
export type Gguf = {
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
};

const MAGIC = 0x46554747; // "GGUF"
/** Above this the engine would not fit the 4 GiB of a WebAssembly memory anyway. */
const MAX_TENSOR_VALUES = 2 ** 28;
/** Nested arrays are allowed by the format and used by nobody; the limit keeps a damaged file from exhausting the stack. */
const MAX_ARRAY_DEPTH = 2;
const ARRAY = 9;

/** Smallest stored size of each metadata type, by number; what an array announces is checked against it before anything is allocated. */
const minValueBytes: readonly number[] = [1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8];

function readValue(reader: ByteReader, type: number, depth: number): GgufValue {
  switch (type) {
    case 0:
      return reader.u8();
    case 1:
      return reader.i8();
    case 2:
      return reader.u16();
    case 3:
      return reader.i16();
    case 4:
      return reader.u32();
    case 5:
      return reader.i32();
    case 6:
      return reader.f32();
    case 7:
      return reader.u8() !== 0;
    case 8:
      return reader.text();
    case ARRAY: {
      if (depth >= MAX_ARRAY_DEPTH) throw invalidModel("The metadata of the model file nests too deeply.", { position: reader.position() });
      const elementType = reader.u32();
      const elementCount = reader.count("array elements", minValueBytes[elementType] ?? 1);
      const values: GgufValue[] = [];
      for (let i = 0; i < elementCount; i++) values.push(readValue(reader, elementType, depth + 1));
      return values;
    }
    case 10:
      return reader.u64();
    case 11:
      return reader.i64();
    case 12:
      return reader.f64();
    default:
      throw invalidModel("The model file holds metadata of an unknown type.", { type, position: reader.position() });
  }
}

function readMetadata(reader: ByteReader, pairCount: number): Map<string, GgufValue> {
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < pairCount; i++) {
    const key = reader.text();
    if (metadata.has(key)) throw invalidModel("The model file names a metadata key twice.", { key });
    metadata.set(key, readValue(reader, reader.u32(), 0));
  }
  return metadata;
}

type TensorHeader = Omit<GgufTensor, "bytes"> & { readonly byteLength: number; readonly offset: number };

function readTensorHeader(reader: ByteReader): TensorHeader {
  const name = reader.text();
  const dimensionCount = reader.u32();
  if (dimensionCount < 1 || dimensionCount > 4) throw invalidModel("A tensor has an impossible shape.", { name, dimensionCount });
  const dimensions: number[] = [];
  let valueCount = 1;
  for (let i = 0; i < dimensionCount; i++) {
    const dimension = reader.u64();
    valueCount *= dimension;
    if (dimension < 1 || valueCount > MAX_TENSOR_VALUES) throw invalidModel("A tensor has an impossible shape.", { name, dimension });
    dimensions.push(dimension);
  }
  const typeNumber = reader.u32();
  const layout = tensorLayouts.get(typeNumber);
  if (layout === undefined)
    throw invalidModel("A tensor is stored in an unsupported type. Supported: F32, F16, Q8_0, Q5_0, Q4_0.", { name, typeNumber });
  if ((dimensions[0] ?? 0) % layout.blockValues !== 0)
    throw invalidModel("A tensor's rows do not fill whole blocks.", { name, dimensions });
  const byteLength = (valueCount / layout.blockValues) * layout.blockBytes;
  return { name, type: layout.type, dimensions, valueCount, byteLength, offset: reader.u64() };
}

/**
 * Parses a GGUF file, version 2 or 3, little-endian. Every count, length and offset is checked against the file before it is used.
 *
 * Format: github.com/ggml-org/ggml, docs/gguf.md.
 *
 * @throws {@link TinyError} `TINY_INVALID_MODEL` for anything that is not a whole, supported file.
 */
export function parseGguf(bytes: Uint8Array): Gguf {
  const reader = createByteReader(bytes);
  if (bytes.byteLength < 24 || reader.u32() !== MAGIC) throw invalidModel("This is not a GGUF file.", { byteLength: bytes.byteLength });
  const version = reader.u32();
  if (version !== 2 && version !== 3) throw invalidModel("The GGUF version is not supported. Supported: 2 and 3.", { version });
  const tensorCount = reader.count("tensors", 32);
  const pairCount = reader.count("metadata pairs", 13);
  const metadata = readMetadata(reader, pairCount);

  const headers: TensorHeader[] = [];
  for (let i = 0; i < tensorCount; i++) headers.push(readTensorHeader(reader));

  const alignment = metadata.get("general.alignment") ?? 32;
  if (typeof alignment !== "number" || !Number.isInteger(alignment) || alignment < 1 || alignment > 65536) {
    throw invalidModel("The model file has an impossible alignment.", { alignment });
  }
  const dataStart = Math.ceil(reader.position() / alignment) * alignment;
  const tensors = new Map<string, GgufTensor>();
  for (const { name, type, dimensions, valueCount, byteLength, offset } of headers) {
    const from = dataStart + offset;
    if (from + byteLength > bytes.byteLength)
      throw invalidModel("A tensor reaches past the end of the model file.", { name, offset, byteLength });
    if (tensors.has(name)) throw invalidModel("The model file names a tensor twice.", { name });
    tensors.set(name, { name, type, dimensions, valueCount, bytes: bytes.subarray(from, from + byteLength) });
  }
  return { metadata, tensors };
}
