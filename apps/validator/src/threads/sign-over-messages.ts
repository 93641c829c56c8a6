import type { VerdictsClaim } from "@vision/signing";
import type { VerdictSigner } from "../ports/index.js";

/** From who has no key. */
export type SignMessage = { readonly kind: "sign"; readonly id: number; readonly claim: VerdictsClaim };

/** From who has it. */
export type SignedMessage = { readonly kind: "signed"; readonly id: number; readonly signatureHex: string };

/** The end without the hotkey. */
export type RemoteVerdictSigner = VerdictSigner & { receive(message: SignedMessage): void };

/** Verdicts are signed where the hotkey is: the thread that strangers speak to has none. */
export function createRemoteVerdictSigner(validator: string, send: (message: SignMessage) => void): RemoteVerdictSigner {
  const waiting = new Map<number, (signatureHex: string) => void>();
  let lastId = 0;
  return {
    validator,
    sign(claim) {
      lastId += 1;
      const id = lastId;
      return new Promise((resolve) => {
        waiting.set(id, resolve);
        send({ kind: "sign", id, claim });
      });
    },
    receive({ id, signatureHex }) {
      waiting.get(id)?.(signatureHex);
      waiting.delete(id);
    },
  };
}
