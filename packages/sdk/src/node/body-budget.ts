/** What one body holds of a budget. */
export type BodyShare = {
  /** Takes more bytes. False when there is no room; what was taken is kept until `release`. */
  take(bytes: number): boolean;
  /** Gives everything back. Later calls do nothing. */
  release(): void;
};

/** The memory that bodies of requests may take together until they are answered. */
export type BodyBudget = {
  open(address: string): BodyShare;
  /** Bytes taken at the moment; small bodies are not counted. */
  readonly heldBytes: number;
};

/** Bounds of a budget, bytes. */
export type BodyBudgetOptions = {
  readonly maxBytes: number;
  readonly maxBytesPerAddress: number;
  /** The first bytes of each body that are not counted, so that a small request is read however full the budget is. */
  readonly freeBytes: number;
};

/** A budget for all bodies together and for those of each address. */
export function createBodyBudget({ maxBytes, maxBytesPerAddress, freeBytes }: BodyBudgetOptions): BodyBudget {
  const bytesByAddress = new Map<string, number>();
  let heldBytes = 0;
  return {
    open(address) {
      let freeLeft = freeBytes;
      let own = 0;
      return {
        take(bytes) {
          const counted = Math.max(0, bytes - freeLeft);
          freeLeft = Math.max(0, freeLeft - bytes);
          if (counted === 0) return true;
          const ofAddress = (bytesByAddress.get(address) ?? 0) + counted;
          if (heldBytes + counted > maxBytes || ofAddress > maxBytesPerAddress) return false;
          bytesByAddress.set(address, ofAddress);
          heldBytes += counted;
          own += counted;
          return true;
        },
        release() {
          if (own === 0) return;
          const left = (bytesByAddress.get(address) ?? 0) - own;
          if (left > 0) bytesByAddress.set(address, left);
          else bytesByAddress.delete(address);
          heldBytes -= own;
          own = 0;
        },
      };
    },
    get heldBytes() {
      return heldBytes;
    },
  };
}
