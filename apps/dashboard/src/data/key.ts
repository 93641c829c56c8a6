import { useSyncExternalStore } from "react";

const STORED_AS = "vision.key";
const listeners = new Set<() => void>();

/** Takes a key out of the address (`#key=...`), where `npm start` puts the one that it made, so that it is not kept in the history. */
export function takeKeyFromAddress(): void {
  const key = /^#key=([\w-]{1,256})$/.exec(location.hash)?.[1];
  if (key === undefined) return;
  setKey(key);
  history.replaceState(null, "", "#/");
}

/** Keeps a key for as long as the tab is open; an empty text forgets it. */
export function setKey(key: string): void {
  if (key === "") sessionStorage.removeItem(STORED_AS);
  else sessionStorage.setItem(STORED_AS, key);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The visitor's key; empty where none was entered. */
export function useKey(): string {
  return useSyncExternalStore(subscribe, () => sessionStorage.getItem(STORED_AS) ?? "");
}
