import { describe, expect, it } from "@jest/globals";
import type { VerdictSigner } from "../ports/index.js";
import { createRemoteVerdictSigner, createSigningHost, type RemoteVerdictSigner } from "./sign-over-messages.js";

const claim = { miner: "m", uuid: "u", atMs: 1, transcriptSha256Hex: "00" } as const;

/** A signer whose hotkey is at the other end of messages. */
function connect(sign: VerdictSigner["sign"]): RemoteVerdictSigner {
  const host = createSigningHost({ sign }, (message) => remote.receive(structuredClone(message)));
  const remote: RemoteVerdictSigner = createRemoteVerdictSigner("v", ({ call }) => host.receive(structuredClone(call)));
  return remote;
}

describe("createRemoteVerdictSigner", () => {
  it("has claims signed at the other end, each with its own signature", async () => {
    const signer = connect(async ({ uuid }) => `signed ${uuid}`);
    const signatures = await Promise.all(["a", "b"].map((uuid) => signer.sign({ ...claim, uuid })));
    expect([signer.validator, ...signatures]).toEqual(["v", "signed a", "signed b"]);
  });

  it("regression: a signature that failed ended the core and left the miner's request waiting", async () => {
    const signer = connect(async () => {
      throw new Error("no hotkey");
    });
    await expect(signer.sign(claim)).rejects.toThrow("no hotkey");
  });
});
