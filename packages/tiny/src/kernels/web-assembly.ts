/** The part of WebAssembly that this package uses. Declared here because neither ES nor Node's types have it without the DOM's. */
type WebAssemblyApi = {
  readonly Memory: new (descriptor: { readonly initial: number }) => WasmMemory;
  readonly compile: (bytes: Uint8Array) => Promise<WasmModule>;
  readonly instantiate: (
    module: WasmModule,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => Promise<{ readonly exports: Readonly<Record<string, unknown>> }>;
};

/** A compiled module. */
export type WasmModule = { readonly compiledWebAssembly: never };

/** A linear memory; `buffer` is replaced whenever it grows. */
export type WasmMemory = { readonly buffer: ArrayBuffer; readonly grow: (pages: number) => number };

/** Bytes of one page of a linear memory. */
export const WASM_PAGE_BYTES = 65536;

/** The engine's WebAssembly, which every supported Node has. */
export const webAssembly = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly;
