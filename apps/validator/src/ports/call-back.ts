import type { ReachReport } from "@vision/protocol";

/** What was seen at an address. */
export type SeenThere = Pick<ReachReport, "tls" | "certificateSha256Hex"> & { readonly tcp: Exclude<ReachReport["tcp"], "notTried"> };

/**
 * Connects to an address, by TCP and, where that is accepted, by TLS, sends nothing else and leaves. Never rejects: whatever is there, the
 * answer is a value.
 *
 * @param place - An address, never a name.
 * @param options - `limitMs`: for all of it. `signal` ends it early.
 */
export type CallBack = (
  place: { readonly host: string; readonly port: number },
  options: { readonly limitMs: number; readonly signal: AbortSignal },
) => Promise<SeenThere>;
