import type { VerdictsClaim } from "@vision/signing";
import type { VerdictSigner } from "../ports/index.js";
import { type CallHost, type CallMessage, createCallHost, createRemoteCalls, type ReplyMessage } from "./calls-over-messages.js";

/** From who has no key. */
export type SignMessage = { readonly kind: "sign"; readonly call: CallMessage<VerdictsClaim> };

/** From who has it. */
export type SignedMessage = { readonly kind: "signed"; readonly reply: ReplyMessage<string> };

/** The end without the hotkey. */
export type RemoteVerdictSigner = VerdictSigner & { receive(message: SignedMessage): void };

/** Signing takes less than a millisecond; nobody gives up in between. */
const { signal } = new AbortController();

/** Verdicts are signed where the hotkey is: the thread that strangers speak to has none. */
export function createRemoteVerdictSigner(validator: string, send: (message: SignMessage) => void): RemoteVerdictSigner {
  const calls = createRemoteCalls<VerdictsClaim, string>((call) => send({ kind: "sign", call }));
  return {
    validator,
    sign: (claim) => calls.call(claim, { signal }),
    receive: ({ reply }) => calls.receive(reply),
  };
}

/** The end with the hotkey. */
export function createSigningHost(
  signer: Pick<VerdictSigner, "sign">,
  send: (message: SignedMessage) => void,
): Pick<CallHost<VerdictsClaim>, "receive"> {
  return createCallHost<VerdictsClaim, string>(
    (claim) => signer.sign(claim),
    (reply) => send({ kind: "signed", reply }),
  );
}
