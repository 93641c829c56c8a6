/** An error as it crosses between threads. */
export type SharedError = { readonly message: string; readonly code?: string | undefined };

/** What every service's thread says of itself. */
export type FromThread<Facts> =
  /** It works; the facts are what only it knows. */
  | { readonly kind: "ready"; readonly facts: Facts }
  /** It cannot, and ends. */
  | { readonly kind: "refused"; readonly error: SharedError }
  /** It has closed what it had open. */
  | { readonly kind: "closed" };

/** What every service's thread is told. */
export type ToThread = { readonly kind: "close" };
