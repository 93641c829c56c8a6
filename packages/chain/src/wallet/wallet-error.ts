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

/** The work on a key file; an error that does not say which file it is about is told again with its name. */
export async function namingFile<Result>(path: string, work: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!VisionError.isInstance(error) || error.facts["path"] !== undefined) throw error;
    const code = error.code === "WALLET_PASSWORD" ? "WALLET_PASSWORD" : "WALLET_INVALID";
    throw walletError(code, `${path}: ${error.message}`, { path });
  }
}
