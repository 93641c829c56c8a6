import { VisionError } from "@vision/protocol";

/** A `WALLET_*` error. Its message never holds anything that was read from inside a key file. */
export function walletError(
  code: "WALLET_NOT_FOUND" | "WALLET_INVALID" | "WALLET_PASSWORD",
  message: string,
  details: { readonly hint?: string; readonly path?: string } = {},
): VisionError {
  return new VisionError({
    code,
    message,
    ...(details.hint === undefined ? {} : { hint: details.hint }),
    facts: details.path === undefined ? {} : { path: details.path },
  });
}
