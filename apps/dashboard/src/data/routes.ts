import { useSyncExternalStore } from "react";

/** Where the visitor is. */
export type Route =
  | { readonly page: "overview" | "chain" | "playground" | "usage" | "operator" | "unknown" }
  | { readonly page: "miner"; readonly hotkey: string }
  | { readonly page: "task"; readonly taskId: string }
  | { readonly page: "period" | "recompute"; readonly period: number | "latest" };

/** The place that the part of the address after `#` names. */
export function parseRoute(hash: string): Route {
  const [page = "", name = ""] = hash
    .replace(/^#?\/?/, "")
    .split("/")
    .map(decode);
  const period = /^\d{1,15}$/.test(name) ? Number(name) : "latest";
  switch (page) {
    case "":
      return { page: "overview" };
    case "chain":
    case "playground":
    case "usage":
    case "operator":
      return { page };
    case "miners":
      return name === "" ? { page: "overview" } : { page: "miner", hotkey: name };
    case "tasks":
      return name === "" ? { page: "overview" } : { page: "task", taskId: name };
    case "periods":
      return { page: "period", period };
    case "recompute":
      return { page: "recompute", period };
    default:
      return { page: "unknown" };
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}

/** Address of a place, for links. */
export function linkTo(page: "miners" | "tasks" | "periods" | "recompute", name: string | number): string {
  return `#/${page}/${encodeURIComponent(String(name))}`;
}

function subscribe(listener: () => void): () => void {
  addEventListener("hashchange", listener);
  return () => removeEventListener("hashchange", listener);
}

/** The part of the address after `#`; follows it. */
export function useHash(): string {
  return useSyncExternalStore(subscribe, () => location.hash);
}
