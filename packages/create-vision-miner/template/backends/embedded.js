// @ts-check
import { tiny } from "@vision/sdk/backends";

/** The small model inside the SDK. */
export function createBackend() {
  return tiny();
}
