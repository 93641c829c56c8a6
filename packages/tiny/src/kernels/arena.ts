import { invalidModel } from "../tiny-error.js";
import { WASM_PAGE_BYTES, type WasmMemory } from "./web-assembly.js";

/** A place in the arena, in bytes from the start of the memory; a multiple of 16. */
export type Pointer = number;

/** Floats in a WebAssembly memory, handed out one after another. */
export type Arena = {
  /** The whole memory as floats: index is pointer / 4. Read it again after every allocation, which may have replaced it. */
  readonly floats: () => Float32Array;
  /** Room for `count` floats, zero the first time it is handed out. Throws `TINY_INVALID_MODEL` when 4 GiB are not enough. */
  readonly allocate: (count: number) => Pointer;
  /** The floats at a pointer. Valid until the next allocation. */
  readonly view: (pointer: Pointer, count: number) => Float32Array;
  /** What the arena has handed out so far; give it to `release` to take back everything handed out later. */
  readonly mark: () => Pointer;
  readonly release: (mark: Pointer) => void;
  /** Bytes of memory in use by the arena, at its peak. */
  readonly memoryBytes: () => number;
};

/** The kernels' own tables lie below; the compiler puts them at the start of the memory. */
const FIRST_POINTER = 65536;
const GROW_PAGES = 16; // 1 MiB: growing page by page would cost a system call for every buffer.
const MAX_BYTES = 4 * 2 ** 30 - 2 * WASM_PAGE_BYTES;

/** An empty arena over a memory. */
export function createArena(memory: WasmMemory): Arena {
  let next = FIRST_POINTER;
  let floats = new Float32Array(memory.buffer);

  function reserve(bytes: number): void {
    const missing = bytes - memory.buffer.byteLength;
    if (missing <= 0) return;
    const pages = Math.max(GROW_PAGES, Math.ceil(missing / WASM_PAGE_BYTES));
    try {
      memory.grow(pages);
    } catch {
      throw invalidModel("There is not enough memory for the model.", { wantedBytes: bytes });
    }
    floats = new Float32Array(memory.buffer);
  }

  return {
    floats: () => floats,
    allocate(count) {
      const pointer = next;
      const end = (pointer + count * 4 + 15) & ~15;
      const unsignedEnd = end >>> 0;
      if (pointer + count * 4 > MAX_BYTES)
        throw invalidModel("The model is too large for this engine.", { wantedBytes: pointer + count * 4 });
      reserve(unsignedEnd);
      next = unsignedEnd;
      return pointer;
    },
    view: (pointer, count) => floats.subarray(pointer / 4, pointer / 4 + count),
    mark: () => next,
    release(mark) {
      next = mark;
    },
    memoryBytes: () => memory.buffer.byteLength,
  };
}
