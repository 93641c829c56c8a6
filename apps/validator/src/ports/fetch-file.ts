/** What came of a file's address: the file, or why there is none, as whoever named it is told. */
export type FetchedFile = { readonly ok: true; readonly bytes: Uint8Array } | { readonly ok: false; readonly reason: string };

/**
 * Gets a file from a host of the public internet; redirects are not followed. Never rejects: whatever is there, the answer is a value.
 *
 * @param url - Of https.
 * @param options - `maxBytes` that the file may have; `limitMs`: for all of it; `signal` ends it early.
 */
export type FetchFile = (
  url: URL,
  options: { readonly maxBytes: number; readonly limitMs: number; readonly signal: AbortSignal },
) => Promise<FetchedFile>;
