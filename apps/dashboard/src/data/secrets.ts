import { useSyncExternalStore } from "react";

/** What a visitor enters to see or do more than the public may: an API key, or the validator operator's token. */
export type Secret = "key" | "operator";

const storedAs = { key: "vision.key", operator: "vision.operator" } as const;
const listeners = new Set<() => void>();

/**
 * Takes a secret out of the address (`#key=...`, `#operator=...`), where `npm start` puts those that it made, so that it is not kept in the
 * history.
 */
export function takeSecretFromAddress(): void {
  const [, secret, text] = /^#(key|operator)=([\w.~+/=-]{1,512})$/.exec(location.hash) ?? [];
  if (secret === undefined || text === undefined) return;
  const isKey = secret === "key";
  setSecret(isKey ? "key" : "operator", text);
  history.replaceState(null, "", isKey ? "#/" : "#/operator");
}

/** Keeps a secret for as long as the tab is open; an empty text forgets it. */
export function setSecret(secret: Secret, text: string): void {
  if (text === "") sessionStorage.removeItem(storedAs[secret]);
  else sessionStorage.setItem(storedAs[secret], text);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What the visitor entered; empty where that is nothing. */
export function useSecret(secret: Secret): string {
  return useSyncExternalStore(subscribe, () => sessionStorage.getItem(storedAs[secret]) ?? "");
}
