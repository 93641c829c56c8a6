/**
 * A key that two hotkeys share for a while. Both ends hold an equal one.
 */
export type Session = {
  /** 16 random bytes in hex, chosen by the miner. */
  readonly sessionId: string;
  /** 32 bytes. A secret. */
  readonly key: Uint8Array;
  /** ss58 address of the other end. */
  readonly peer: string;
  /** Unix time in milliseconds after which neither end uses it. */
  readonly expiresAtMs: number;
};
