/**
 * Tells a backend that nobody reads on. What comes of that concerns nobody any more: one in plain JavaScript may return nothing where a promise
 * is due, or throw at once.
 */
export function abandonIterator(iterator: AsyncIterator<unknown> | null): void {
  const end = async () => iterator?.return?.();
  end().catch(() => undefined);
}
