"""Steps that need nothing but keys and the timelock functions: the same for every version of the client."""

import json
import pathlib
import time

from epistula import VerifyingServer, sign, verify
from steps import expect, post, same

# A genuine pulse of drand's quicknet: what was locked for its round can be opened by anybody.
PAST_ROUND = 1000
PAST_SIGNATURE = "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"


def check_vectors(steps, ours, keypair_of):
    """The signed messages that docs/reference/interop.md describes: both sides build the same bytes and accept the signature over them."""

    def check():
        vectors = json.loads((pathlib.Path(__file__).parent.parent / "requests.vectors.json").read_text())
        built = ours.ask("/vectors", vectors)
        for name, vector in vectors.items():
            same(built[name], {"message": vector["message"], "isSignatureValid": True}, f"the message of {name}")
            signature = bytes.fromhex(vector["signature"].removeprefix("0x"))
            expect(keypair_of(vector["signedBy"]).verify(vector["message"].encode(), signature), f"Python refuses the vector of {name}")
        return ", ".join(vectors)

    steps.run("request vectors: both sides agree on messages and signatures", check)


def check_timelock(steps, ours, encrypt_at_round, decrypt_with_signature):
    """Ciphertexts both ways."""
    secret = "weights of Python and ours: \u03c4".encode()

    def theirs_to_ours():
        sealed, _ = encrypt_at_round(secret, PAST_ROUND)
        opened = ours.ask("/timelock/open", {"bytes": bytes(sealed).hex(), "signature": PAST_SIGNATURE})
        same(opened, {"round": PAST_ROUND, "plaintext": secret.hex()}, "what was sealed")
        return f"{len(bytes(sealed))} bytes"

    def ours_to_theirs():
        sealed = bytes.fromhex(ours.ask("/timelock/seal", {"plaintext": secret.hex(), "round": PAST_ROUND})["bytes"])
        same(secret, bytes(decrypt_with_signature(sealed, PAST_SIGNATURE)), "what was sealed")
        return f"{len(sealed)} bytes"

    steps.run("timelock: ours opens Python's ciphertext with drand's pulse", theirs_to_ours)
    steps.run("timelock: Python opens our ciphertext with drand's pulse", ours_to_theirs)


def check_epistula(steps, ours, facts, keypair, keypair_of):
    """Requests both ways, and what must be refused."""
    body = json.dumps({"messages": [{"role": "user", "content": "\u00bfqu\u00e9 tal?"}]}).encode()

    def accepted():
        answer = ours.ask("/epistula", body, sign(keypair, body, ours.hotkey))
        same(answer.get("signedBy"), keypair.ss58_address, "who signed")

    def refused():
        headers = sign(keypair, body, ours.hotkey)
        same(ours.ask("/epistula", body + b" ", headers).get("reason"), "bad-signature", "a changed body")
        same(ours.ask("/epistula", body, headers).get("ok"), True, "the body that was signed")
        same(ours.ask("/epistula", body, headers).get("reason"), "replayed", "the same request again")
        old = sign(keypair, body, ours.hotkey, timestamp=round(time.time() * 1000) - 60_000)
        same(ours.ask("/epistula", body, old).get("reason"), "stale", "a request of a minute ago")
        other = sign(keypair, body, keypair.ss58_address)
        same(ours.ask("/epistula", body, other).get("reason"), "not-for-us", "a request for somebody else")

    def miner():
        question = json.dumps({"protocolVersion": facts["protocolVersion"], "periodMs": 3_600_000, "tasks": []}).encode()
        status, answer = post(facts["minerUrl"] + "/v1/capacity", question, sign(keypair, question, facts["minerHotkey"]))
        expect(status == 200 and "capacities" in answer, f"capacity answers {status}: {answer}")
        chat = json.dumps(facts["chatRequest"]).encode()
        status, answer = post(facts["minerUrl"] + facts["chatPath"], chat, sign(keypair, chat, facts["minerHotkey"]))
        expect(status == 200 and answer["choices"][0]["message"]["content"] != "", f"chat answers {status}: {answer}")
        status, answer = post(facts["minerUrl"] + facts["chatPath"], chat, sign(keypair, question, facts["minerHotkey"]))
        same(status, 401, "the status of a request with another's signature")
        return "capacity and a chat completion; 401 for a signature over another body"

    def called():
        with VerifyingServer(lambda headers, sent, _: verify(headers, sent, keypair.ss58_address, keypair_of)) as server:
            call = {"kind": "epistula", "port": server.port, "receiver": keypair.ss58_address, "text": "ol\u00e1"}
            same(ours.ask("/call", call)["status"], 200, "the status of our request")
            tampered = ours.ask("/call", {**call, "tamper": True})
            same((tampered["status"], json.loads(tampered["body"])["refusal"]), (401, "bad signature"), "a changed body")

    steps.run("epistula v2: our verifyRequest accepts what Python signs", accepted)
    steps.run("epistula v2: our verifyRequest refuses changed, replayed, old and misdirected requests", refused)
    steps.run("epistula v2: a miner of the SDK serves Python", miner)
    steps.run("epistula v2: Python accepts what our signRequest signs, and refuses it changed", called)
