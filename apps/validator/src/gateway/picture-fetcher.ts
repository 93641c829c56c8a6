import { protocolLimits } from "@vision/protocol";
import type { FetchFile } from "../ports/index.js";
import { ApiError } from "./api-error.js";

/**
 * Gets the picture that a body names by address.
 *
 * @param param - Where the body names it.
 * @throws {@link ApiError} 400 where it is not to be had, 503 while many are under way.
 */
export type FetchPicture = (address: string, param: string) => Promise<Uint8Array>;

const LIMIT_MS = 10_000;
/** Each may take as long as the limit, and as much memory as a picture may have bytes. */
const MOST_UNDER_WAY = 16;
/** Whoever names slow files holds up no more than these. */
const MOST_OF_A_KEY = 4;

/** Gets pictures, by https, from the hosts that the operator names and from no others, for the key that asks. */
export function createPictureFetcher(
  { pictureHosts }: { readonly pictureHosts: readonly string[] },
  { fetchFile, closing }: { readonly fetchFile: FetchFile; readonly closing: AbortSignal },
): (keyId: string) => FetchPicture {
  /** By key; one that has none is not there. */
  const underWay = new Map<string, number>();
  return (keyId) => async (address, param) => {
    const refuse = (reason: string) =>
      new ApiError({ status: 400, code: "invalid_value", param, message: `Invalid '${param}': ${reason}. Send the picture itself.` });
    const url = URL.canParse(address) ? new URL(address) : null;
    if (url === null || url.protocol !== "https:" || url.port !== "" || url.username !== "" || url.password !== "") {
      throw refuse("an address of a picture must be https, without a port and a name");
    }
    if (!pictureHosts.includes(url.hostname)) throw refuse("pictures are not fetched from this host");
    const own = underWay.get(keyId) ?? 0;
    const all = [...underWay.values()].reduce((sum, count) => sum + count, 0);
    if (own >= MOST_OF_A_KEY || all >= MOST_UNDER_WAY) {
      const message = "Too many pictures are being fetched. Try again shortly.";
      throw new ApiError({ status: 503, code: "overloaded", message, retryAfterSeconds: 1 });
    }
    underWay.set(keyId, own + 1);
    try {
      const fetched = await fetchFile(url, { maxBytes: protocolLimits.startImageBytes, limitMs: LIMIT_MS, signal: closing });
      if (!fetched.ok) throw refuse(`the picture could not be fetched: ${fetched.reason}`);
      return fetched.bytes;
    } finally {
      const left = (underWay.get(keyId) ?? 0) - 1;
      if (left > 0) underWay.set(keyId, left);
      else underWay.delete(keyId);
    }
  };
}
