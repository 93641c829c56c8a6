import { type VerdictsMessage, type VerdictsPage, verdictsMessage, verdictsTranscript } from "@vision/protocol";
import { sha256Hex } from "../digest.js";
import type { Hotkey } from "../hotkey.js";
import { verifySignature } from "../verify-signature.js";

/** What a validator signs of a page; the digest stands for the verdicts. */
export type VerdictsClaim = Omit<VerdictsMessage, "validator">;

/** The claim that a page makes. */
export function claimVerdicts({ miner, uuid, atMs, ...page }: Omit<VerdictsPage, "validator" | "signatureHex">): VerdictsClaim {
  return { miner, uuid, atMs, transcriptSha256Hex: sha256Hex(verdictsTranscript(page)) };
}

/** The validator's signature under a page, hex. */
export function signVerdicts(hotkey: Hotkey, claim: VerdictsClaim): string {
  return Buffer.from(hotkey.sign(Buffer.from(verdictsMessage({ ...claim, validator: hotkey.address })))).toString("hex");
}

/** Whether a page is by that validator to that miner, in answer to the request with that uuid. */
export function verifyVerdicts(page: VerdictsPage, expected: Pick<VerdictsPage, "validator" | "miner" | "uuid">): boolean {
  const { validator } = expected;
  if (page.validator !== validator || page.miner !== expected.miner || page.uuid !== expected.uuid) return false;
  const message = Buffer.from(verdictsMessage({ ...claimVerdicts(page), validator }));
  return verifySignature({ address: validator, message, signature: Buffer.from(page.signatureHex, "hex") });
}
