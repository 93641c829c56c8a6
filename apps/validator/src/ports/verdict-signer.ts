import type { VerdictsClaim } from "@vision/signing";

/** Signs what miners are told, with the validator's hotkey. It says what it signs for: nothing else can be had from it. */
export type VerdictSigner = {
  /** ss58 address of the validator. */
  readonly validator: string;
  /** sr25519 signature, hex. */
  sign(claim: VerdictsClaim): Promise<string>;
};
