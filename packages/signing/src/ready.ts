import { isReady, waitReady } from "@polkadot/wasm-crypto";
import { VisionError } from "@vision/protocol";

/**
 * Resolves once the sr25519 module is loaded. Await it once at start-up, before any key is made or any signature is checked.
 *
 * @throws {@link VisionError} `SIGNING_NOT_READY` when WebAssembly cannot be loaded on this machine.
 */
export async function ready(): Promise<void> {
  if (!(await waitReady())) {
    throw new VisionError({
      code: "SIGNING_NOT_READY",
      message: "The sr25519 module could not be loaded.",
      hint: "Run on a Node.js build with WebAssembly.",
    });
  }
}

/** Throws `SIGNING_NOT_READY` unless {@link ready} has resolved. */
export function requireReady(): void {
  if (!isReady()) {
    throw new VisionError({
      code: "SIGNING_NOT_READY",
      message: "The sr25519 module is not loaded yet.",
      hint: "Await ready() once at start-up.",
    });
  }
}
