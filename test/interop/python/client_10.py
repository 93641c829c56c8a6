"""bittensor 10.x: Subtensor, weights plain, timelocked and by hash, and Synapse requests between dendrite and axon."""

import asyncio
import json
import os
import socket
import sys
import tempfile
import time
from typing import ClassVar, Optional

import bittensor as bt
import bittensor_drand
from bittensor.core import dendrite as dendrite_module
from bittensor.core.chain_data import AxonInfo
from bittensor_wallet import Keypair, Wallet

from common_steps import check_epistula, check_timelock, check_vectors
from steps import Counterpart, NotApplicable, Steps, expect, same
from wallets import check_wallets

facts = json.loads(sys.argv[1])
steps = Steps()
ours = Counterpart(facts)
plain, timelock, hashed = facts["plainNetuid"], facts["timelockNetuid"], facts["hashNetuid"]
wallets = tempfile.mkdtemp(prefix="interop-wallets-")
# A dendrite asks a web site for its own address; these exchanges stay on this machine.
dendrite_module.networking.get_external_ip = lambda: "192.0.2.1"


def wallet(coldkey, hotkey):
    """A wallet of development keys."""
    made = Wallet(name=coldkey.replace("/", "_"), hotkey=hotkey.replace("/", "_"), path=wallets)
    made.set_coldkey(Keypair.create_from_uri(coldkey), encrypt=False, overwrite=True)
    made.set_coldkeypub(Keypair.create_from_uri(coldkey), overwrite=True)
    made.set_hotkey(Keypair.create_from_uri(hotkey), encrypt=False, overwrite=True)
    return made


miner = wallet("//Charlie", "//python-miner")
validator = wallet("//Alice", "//validator")
miner_address = miner.hotkey.ss58_address
validator_address = validator.hotkey.ss58_address
subtensor = None
direct = {"mev_protection": False, "raise_error": True}


def connect():
    global subtensor
    subtensor = bt.Subtensor(network=facts["url"])
    expect(subtensor.subnet_exists(plain) and not subtensor.subnet_exists(77), "subnets that exist")
    return f"block {subtensor.block}, bittensor {bt.__version__}"


def compare_metagraph(netuid):
    """Ours and Python's metagraph, field by field."""
    theirs = subtensor.metagraph(netuid)
    read = ours.subnet(netuid)["neurons"]
    same([each["hotkey"] for each in read], list(theirs.hotkeys), "hotkeys")
    same([each["coldkey"] for each in read], list(theirs.coldkeys), "coldkeys")
    same([each["hasPermit"] for each in read], [bool(each) for each in theirs.validator_permit], "permits")
    # Python holds stake as 32-bit floats of TAO.
    close = all(abs(int(each["stakeRao"]) / 1e9 - float(stake)) < 1e-3 for each, stake in zip(read, theirs.S))
    expect(close, f"stakes: we read {[each['stakeRao'] for each in read]}, Python reads {theirs.S}")
    return f"{len(read)} neurons"


def read_the_rest():
    hyperparameters = subtensor.get_subnet_hyperparameters(timelock)
    same([600, True], [hyperparameters.tempo, hyperparameters.commit_reveal_weights_enabled], "tempo and commit-reveal")
    same([0, plain, timelock, hashed], [each.netuid for each in subtensor.all_subnets()], "subnets")
    same([facts["minerHotkey"]], [each.hotkey for each in subtensor.neurons_lite(plain) if each.hotkey == facts["minerHotkey"]], "neurons")
    info = subtensor.get_metagraph_info(plain)
    same([each["hotkey"] for each in ours.subnet(plain)["neurons"]], info.hotkeys, "hotkeys of get_metagraph_info")
    same(plain, subtensor.subnet(plain).netuid, "netuid of subnet()")
    expect(subtensor.get_balance(miner.coldkeypub.ss58_address).tao > 1000, "balance")


def register():
    response = subtensor.burned_register(miner, plain, **direct)
    expect(response.success, response.message)
    neuron = ours.neuron(plain, miner_address)
    expect(neuron is not None, "our client does not see the new neuron")
    same(neuron["coldkey"], miner.coldkeypub.ss58_address, "coldkey")
    return f"uid {neuron['uid']}"


def refuse_registration():
    response = subtensor.register_limit(wallet("//Charlie", "//too-dear"), plain, limit_price=bt.Balance.from_rao(1), mev_protection=False)
    expect(not response.success and "RegistrationPriceLimitExceeded" in response.message, f"refused as: {response.message}")


def axon_of(owner, port=18_091):
    return bt.Axon(wallet=owner, ip="127.0.0.1", port=port, external_ip="127.0.0.2", external_port=port)


def serve():
    response = subtensor.serve_axon(plain, axon_of(miner), **direct)
    expect(response.success, response.message)
    endpoint = ours.neuron(plain, miner_address)["endpoint"]
    same((endpoint["host"], endpoint["port"]), ("127.0.0.2", 18_091), "endpoint")
    return f"{endpoint['host']}:{endpoint['port']}"


def refuse_serving():
    response = subtensor.serve_axon(plain, axon_of(wallet("//Dave", "//nobody")), mev_protection=False)
    expect(not response.success and "Custom error: 10" in response.message, f"refused as: {response.message}")


def stake():
    expected = subtensor.sim_swap(0, plain, bt.Balance.from_tao(100)).alpha_amount
    response = subtensor.add_stake(miner, plain, miner_address, bt.Balance.from_tao(100), **direct)
    expect(response.success, response.message)
    held = subtensor.get_stake(miner.coldkeypub.ss58_address, miner_address, plain)
    # The pool moves a little with every block that pays something in between.
    expect(abs(held.rao - expected.rao) < expected.rao / 1000, f"expected {expected}, holds {held}")
    return f"{held.tao:.3f} alpha for 100 TAO"


def set_weights():
    response = subtensor.set_weights(validator, plain, [1, 2, 3], [0.25, 0.5, 0.0], max_attempts=1, **direct)
    expect(response.success, response.message)
    same(ours.neuron(plain, validator_address)["weights"], [[1, 32768], [2, 65535]], "weights")
    same([[1, 32768], [2, 65535]], [list(each) for each in dict(subtensor.weights(plain))[1]], "weights in Python")


def refuse_weights():
    response = subtensor.set_weights(wallet("//Bob", "//miner"), plain, [0, 1], [0.5, 1], max_attempts=1, mev_protection=False)
    expect(not response.success and "NeuronNoValidatorPermit" in response.message, f"refused as: {response.message}")


def commit_timelocked():
    block_seconds = facts["blockSeconds"]
    response = subtensor.set_weights(validator, timelock, [1, 2], [1, 0.5], block_time=block_seconds, max_attempts=1, **direct)
    expect(response.success, response.message)
    commits = ours.subnet(timelock)["timelockedCommits"]
    same([each["round"] for each in commits], [str(response.data["reveal_round"])], "reveal round")
    same(commits[0]["byteCount"], len(response.data["commit_for_reveal"]), "bytes of the commit")
    return f"{commits[0]['byteCount']} bytes for round {commits[0]['round']}"


def reveal_timelocked():
    raise NotApplicable("the package locks to drand's key, which is compiled in; the development chain has a beacon of its own")


def commit_and_reveal_by_hash():
    weights = {"uids": [1, 2], "weights": [65535, 13107], "salt": [1, 2, 3, 4, 5, 6, 7, 8], "version_key": 0}
    waits = {"wait_for_inclusion": True, "wait_for_finalization": True, "max_attempts": 1}
    committed = subtensor.commit_weights(validator, hashed, **weights, **waits, **direct)
    expect(committed.success, committed.message)
    committed_at = committed.extrinsic_receipt.block_number
    epoch = subtensor.get_epoch_schedule_state(hashed, block=committed_at).subnet_epoch_index
    while subtensor.get_epoch_schedule_state(hashed).subnet_epoch_index == epoch:
        subtensor.wait_for_block()
    revealed = subtensor.reveal_weights(validator, hashed, **weights, **waits, **direct)
    expect(revealed.success, revealed.message)
    same(ours.neuron(hashed, validator_address)["weights"], [[1, 65535], [2, 13107]], "weights")


def commitment():
    expect(subtensor.set_commitment(miner, plain, "interop", **direct).success, "set_commitment failed")
    same("interop", subtensor.get_commitment(plain, ours.neuron(plain, miner_address)["uid"]), "commitment")


class EchoSynapse(bt.Synapse):
    """What goes between dendrite and axon."""

    text: str = ""
    answer: Optional[str] = None
    required_hash_fields: ClassVar[tuple[str, ...]] = ("text",)


def dendrite_to_us():
    target = AxonInfo(version=1, ip="127.0.0.1", port=ours.port, ip_type=4, hotkey=ours.hotkey, coldkey=ours.hotkey)

    async def ask(axon):
        async with bt.Dendrite(wallet=validator) as dendrite:
            return await dendrite.call(target_axon=axon, synapse=EchoSynapse(text="ol\u00e1"), timeout=10, deserialize=False)

    answered = asyncio.run(ask(target))
    same((answered.dendrite.status_code, answered.answer), (200, "OL\u00c1"), "status and answer")
    target.hotkey = validator_address
    same(asyncio.run(ask(target)).dendrite.status_code, 401, "the status of a request for somebody else")


def wait_until_listening(port, limit_seconds=20):
    """An axon listens a moment after start() has returned."""
    deadline = time.monotonic() + limit_seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            expect(time.monotonic() < deadline, "the axon does not listen")
            time.sleep(0.05)


def us_to_axon():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def forward(synapse: EchoSynapse) -> EchoSynapse:
        synapse.answer = synapse.text.upper()
        return synapse

    axon = axon_of(miner, port).attach(forward_fn=forward)
    axon.start()
    wait_until_listening(port)
    try:
        call = {"kind": "synapse", "port": port, "receiver": miner_address, "text": "ol\u00e1"}
        answer = ours.ask("/call", call)
        expect(answer["status"] == 200 and json.loads(answer["body"])["answer"] == "OL\u00c1", f"the axon answers {answer}")
        wrong = ours.ask("/call", {**call, "receiver": validator_address})
        same(wrong["status"], 401, "the status of a request for somebody else")
        tampered = ours.ask("/call", {**call, "tamper": True})
        expect(tampered["status"] >= 400, f"the axon takes a changed body: {tampered}")
        return f"200; {wrong['status']} for another axon, {tampered['status']} for a changed body"
    finally:
        axon.stop()


def no_btauth():
    raise NotApplicable("11.x has it, 10.x has not")


steps.run("connect", connect)
steps.run("metagraph is ours", lambda: compare_metagraph(plain))
steps.run("hyperparameters, subnets, neurons, balance", read_the_rest)
steps.run("burned_register", register)
steps.run("register_limit is refused by name when too dear", refuse_registration)
steps.run("serve_axon", serve)
steps.run("serve_axon of a stranger is refused by the pool (10)", refuse_serving)
steps.run("add_stake gives what sim_swap said", stake)
steps.run("set_weights, plain", set_weights)
steps.run("set_weights without a permit is refused by name", refuse_weights)
steps.run("set_weights, timelocked commit", commit_timelocked)
steps.run("timelocked commit revealed by the chain", reveal_timelocked)
steps.run("commit_weights by hash, reveal_weights an epoch later", commit_and_reveal_by_hash)
steps.run("commitment", commitment)
steps.run("metagraph after all that is ours", lambda: compare_metagraph(plain))
check_timelock(steps, ours, bittensor_drand.encrypt_at_round, bittensor_drand.decrypt_with_signature)
check_vectors(steps, ours, lambda address: Keypair(ss58_address=address))
check_epistula(steps, ours, facts, validator.hotkey, lambda address: Keypair(ss58_address=address))
steps.run("synapse: our server verifies a dendrite's request and answers it", dendrite_to_us)
steps.run("synapse: an axon accepts our request, and refuses it changed", us_to_axon)
check_wallets(steps, ours, Wallet)
steps.run("btauth/1", no_btauth)
# Clients leave threads behind that would keep the process.
os._exit(0)
