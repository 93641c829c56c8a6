import { LRUCache } from "lru-cache";
import type { ExchangeResult } from "../exchange/exchange.js";

/** One miner that was asked, by its own name of the request. */
export type LoggedTry = { readonly hotkey: string; readonly result: LoggedResult };

type LoggedResult = Pick<
  ExchangeResult,
  "requestId" | "requestName" | "outcome" | "blame" | "firstTokenMs" | "durationMs" | "completedUnits"
>;

/** One user's request, without anything of what was asked or answered. */
export type LoggedRequest = { readonly id: string; readonly taskId: string; readonly atMs: number; readonly tries: readonly LoggedTry[] };

/** The newest requests of every key, in this process's memory. */
export type RequestLog = {
  /** Notes a request. Returns what notes a miner that was asked for it. A later request of the same id takes the place of an earlier one. */
  begin(request: Omit<LoggedRequest, "tries"> & { readonly keyId: string }): (hotkey: string, result: ExchangeResult) => void;
  find(keyId: string, id: string): LoggedRequest | null;
};

const KEPT_KEYS = 1_000;
const KEPT_PER_KEY = 100;

/** An empty log. One key's requests never push out another's, unless there are more than a thousand keys. */
export function createRequestLog(): RequestLog {
  const byKey = new LRUCache<string, Map<string, LoggedRequest>>({ max: KEPT_KEYS });
  return {
    begin({ keyId, ...request }) {
      const tries: LoggedTry[] = [];
      let own = byKey.get(keyId);
      if (own === undefined) {
        own = new Map();
        byKey.set(keyId, own);
      }
      own.delete(request.id);
      own.set(request.id, { ...request, tries });
      for (const oldest of own.keys()) {
        if (own.size <= KEPT_PER_KEY) break;
        own.delete(oldest);
      }
      return (hotkey, { requestId, requestName, outcome, blame, firstTokenMs, durationMs, completedUnits }) => {
        tries.push({ hotkey, result: { requestId, requestName, outcome, blame, firstTokenMs, durationMs, completedUnits } });
      };
    },
    find: (keyId, id) => byKey.get(keyId)?.get(id) ?? null,
  };
}
