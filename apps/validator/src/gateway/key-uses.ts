/** What a key has used at one gateway since that began to count, and how much it may. */
export type KeyUse = {
  readonly keyId: string;
  readonly requestsPerMinute: number;
  /** Null for no limit. */
  readonly tokensPerMinute: number | null;
  readonly requests: number;
  readonly tokens: number;
  /** Answers that were left before their end. */
  readonly left: number;
  /** Requests that are not over. */
  readonly underWay: number;
  /** Work units of its budget that nobody else can read in the store yet. */
  readonly openUnits: number;
};

/** What is added to a count of uses. */
export type UseChange = Partial<Pick<KeyUse, "requests" | "tokens" | "left" | "underWay">>;

/** What keys use here and elsewhere. */
export type KeyUses = {
  /** Counts what a key uses here, at a time by a clock that never goes back, milliseconds. */
  add(key: Pick<KeyUse, "requestsPerMinute" | "tokensPerMinute"> & { readonly id: string }, change: UseChange, atMs: number): void;
  /** What keys of the last minutes have used here. */
  own(atMs: number): readonly Omit<KeyUse, "openUnits">[];
  /** Requests that others have under way of a key. */
  underWayElsewhere(keyId: string): number;
  /** Work units of a key's budget that others have open. */
  openElsewhere(keyId: string): number;
  /**
   * Takes what others say of themselves, by process, and tells what each key used there since they said it last. What they used before this
   * one began to listen is over.
   */
  noteOthers(others: ReadonlyMap<string, readonly KeyUse[]>): readonly KeyUse[];
};

/** A key that uses nothing for so long has all its minute back. */
const FORGOTTEN_MS = 120_000;
/** Processes that are remembered after they said nothing any more: more than run at a time, each restarted now and then. */
const MOST_PROCESSES = 1_000;

/** Nothing used yet. */
export function createKeyUses(): KeyUses {
  const uses = new Map<string, Omit<KeyUse, "openUnits"> & { readonly changedAtMs: number }>();
  const heard = new Map<string, ReadonlyMap<string, KeyUse>>();
  let elsewhere: ReadonlyMap<string, number> = new Map();
  let openUnits: ReadonlyMap<string, number> = new Map();
  let isFirst = true;

  function since(use: KeyUse, last: KeyUse | undefined): KeyUse {
    // It began to count anew.
    if (last === undefined || use.requests < last.requests) return use;
    return { ...use, requests: use.requests - last.requests, tokens: use.tokens - last.tokens, left: use.left - last.left };
  }

  return {
    add({ id, requestsPerMinute, tokensPerMinute }, { requests = 0, tokens = 0, left = 0, underWay = 0 }, atMs) {
      const known = uses.get(id) ?? { requests: 0, tokens: 0, left: 0, underWay: 0 };
      uses.set(id, {
        ...{ keyId: id, requestsPerMinute, tokensPerMinute, changedAtMs: atMs },
        requests: known.requests + requests,
        tokens: known.tokens + tokens,
        left: known.left + left,
        underWay: known.underWay + underWay,
      });
    },
    own(atMs) {
      for (const [id, { underWay, changedAtMs }] of uses) if (underWay === 0 && atMs - changedAtMs > FORGOTTEN_MS) uses.delete(id);
      return [...uses.values()].map(({ changedAtMs: _, ...use }) => use);
    },
    underWayElsewhere: (keyId) => elsewhere.get(keyId) ?? 0,
    openElsewhere: (keyId) => openUnits.get(keyId) ?? 0,
    noteOthers(others) {
      const underWay = new Map<string, number>();
      const open = new Map<string, number>();
      const changes: KeyUse[] = [];
      for (const [process, said] of others) {
        const before = heard.get(process);
        for (const use of said) {
          underWay.set(use.keyId, (underWay.get(use.keyId) ?? 0) + use.underWay);
          open.set(use.keyId, (open.get(use.keyId) ?? 0) + use.openUnits);
          if (!isFirst) changes.push(since(use, before?.get(use.keyId)));
        }
        heard.delete(process);
        heard.set(process, new Map(said.map((use) => [use.keyId, use])));
      }
      for (const process of heard.keys()) {
        if (heard.size <= MOST_PROCESSES) break;
        heard.delete(process);
      }
      isFirst = false;
      elsewhere = underWay;
      openUnits = open;
      return changes;
    },
  };
}
