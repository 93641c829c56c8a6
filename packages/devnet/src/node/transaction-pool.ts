import type { AccountId, Hash } from "../metadata/types/common.js";
import type { Extrinsic } from "../runtime/extrinsic.js";

/** What became of trying to add an extrinsic. */
export type PoolResult = { readonly kind: "added" } | { readonly kind: "alreadyImported" } | { readonly kind: "priorityTooLow" };

/** Extrinsics that wait for a block, by account and nonce. Their signatures were checked. */
export class TransactionPool {
  private readonly waiting = new Map<Hash, Extrinsic>();

  /** Adds an extrinsic. One for the same account and nonce is kept unless the new one tips more. */
  add(extrinsic: Extrinsic): PoolResult {
    if (this.waiting.has(extrinsic.hash)) return { kind: "alreadyImported" };
    const rival = [...this.waiting.values()].find(
      ({ signed }) => signed?.account === extrinsic.signed?.account && signed?.nonce === extrinsic.signed?.nonce,
    );
    if (rival !== undefined) {
      if ((extrinsic.signed?.tipRao ?? 0n) <= (rival.signed?.tipRao ?? 0n)) return { kind: "priorityTooLow" };
      this.waiting.delete(rival.hash);
    }
    this.waiting.set(extrinsic.hash, extrinsic);
    return { kind: "added" };
  }

  /** Takes an extrinsic out. */
  remove(hash: Hash): void {
    this.waiting.delete(hash);
  }

  /** Everything that waits, in the order of arrival except that an account's come in order of nonce. */
  ordered(): readonly Extrinsic[] {
    const byAccount = new Map<AccountId, Extrinsic[]>();
    for (const extrinsic of this.waiting.values()) {
      const account = extrinsic.signed?.account ?? "";
      byAccount.set(account, [...(byAccount.get(account) ?? []), extrinsic]);
    }
    for (const extrinsics of byAccount.values()) extrinsics.sort((left, right) => (left.signed?.nonce ?? 0) - (right.signed?.nonce ?? 0));
    // Each arrival stands for its account's next nonce.
    return [...this.waiting.values()].flatMap(({ signed }) => byAccount.get(signed?.account ?? "")?.shift() ?? []);
  }

  /** Nonces of an account that wait. */
  noncesOf(account: AccountId): ReadonlySet<number> {
    return new Set([...this.waiting.values()].flatMap(({ signed }) => (signed?.account === account ? [signed.nonce] : [])));
  }

  /** Number of waiting extrinsics. */
  get size(): number {
    return this.waiting.size;
  }
}
