const BYTES_PER_NUMBER = 4;

/** Numbers as OpenAI's `base64` has them: 32-bit floats, little-endian. */
export function encodeVector(numbers: ArrayLike<number>): string {
  const view = new DataView(new ArrayBuffer(numbers.length * BYTES_PER_NUMBER));
  for (let at = 0; at < numbers.length; at += 1) view.setFloat32(at * BYTES_PER_NUMBER, numbers[at] ?? 0, true);
  let binary = "";
  for (let at = 0; at < view.byteLength; at += 1) binary += String.fromCharCode(view.getUint8(at));
  return btoa(binary);
}

/** The numbers of {@link encodeVector}; null for what is none of its texts, is empty, or holds a number that is not finite. */
export function decodeVector(base64: string): Float32Array | null {
  let binary: string;
  try {
    binary = atob(base64);
  } catch {
    return null;
  }
  if (binary.length === 0 || binary.length % BYTES_PER_NUMBER !== 0) return null;
  const view = new DataView(new ArrayBuffer(binary.length));
  for (let at = 0; at < binary.length; at += 1) view.setUint8(at, binary.charCodeAt(at));
  const numbers = new Float32Array(binary.length / BYTES_PER_NUMBER);
  for (let at = 0; at < numbers.length; at += 1) numbers[at] = view.getFloat32(at * BYTES_PER_NUMBER, true);
  return numbers.every(Number.isFinite) ? numbers : null;
}
