import { VisionError } from "@vision/protocol";

/** The wasm module, as far as this package uses it. */
export type Sr25519 = typeof import("@polkadot/wasm-crypto");

let loaded: Sr25519 | null = null;

/**
 * Resolves once the sr25519 module is loaded. Await it once at start-up, before any key is made or any signature is checked.
 *
 * @throws {@link VisionError} `SIGNING_NOT_READY` when WebAssembly cannot be loaded on this machine.
 */
export async function ready(): Promise<void> {
  // Loaded here and not with this package: it is most of what importing would cost, and it cannot be used before this call anyway.
  const module = await import("@polkadot/wasm-crypto");
  if (!(await module.waitReady())) {
    throw new VisionError({
      code: "SIGNING_NOT_READY",
      message: "The sr25519 module could not be loaded.",
      hint: "Run on a Node.js build with WebAssembly.",
    });
  }
  loaded = module;
}

/** The sr25519 module. Throws `SIGNING_NOT_READY` unless {@link ready} has resolved. */
export function requireReady(): Sr25519 {
  if (loaded !== null) return loaded;
  throw new VisionError({
    code: "SIGNING_NOT_READY",
    message: "The sr25519 module is not loaded yet.",
    hint: "Await ready() once at start-up.",
  });
}
