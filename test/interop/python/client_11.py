"""bittensor 11.x: Subtensor with intents and raw calls, weights plain and timelocked, and btauth/1 requests. It has no axon and no dendrite."""

import json
import os
import sys

import bittensor as bt
import bittensor_core
from bittensor import calls, http_auth, intents
from bittensor import storage as all_storage
from bittensor._transport.errors import StorageFunctionNotFound
from bittensor.keyfiles import Keypair
from bittensor.wallet import Wallet

from common_steps import check_epistula, check_timelock, check_vectors
from epistula import VerifyingServer
from steps import Counterpart, NotApplicable, Steps, expect, same
from wallets import check_wallets

storage = all_storage.SubtensorModule
facts = json.loads(sys.argv[1])
steps = Steps()
ours = Counterpart(facts)
plain, timelock = facts["plainNetuid"], facts["timelockNetuid"]
subtensor = bt.Subtensor(facts["url"])


class KeyedWallet:
    """A wallet of development keys."""

    def __init__(self, coldkey, hotkey):
        self.name = coldkey
        self.coldkey = self.coldkeypub = Keypair.create_from_uri(coldkey)
        self.hotkey = self.hotkeypub = Keypair.create_from_uri(hotkey)


miner = KeyedWallet("//Charlie", "//python-miner")
validator = KeyedWallet("//Alice", "//validator")
miner_address = miner.hotkey.ss58_address
validator_address = validator.hotkey.ss58_address


def intent_or_reason(intent, wallet):
    """Executes an intent. Not applicable when this version needs storage that the chain got after spec 424."""
    try:
        return subtensor.execute(intent, wallet)
    except StorageFunctionNotFound as missing:
        raise NotApplicable(f"the intent asks a newer runtime than spec 424: {missing}; see the raw call") from missing


def passed(result):
    expect(result.success, result.message)


def connect():
    return f"block {subtensor.block}, spec {subtensor.spec_version}, bittensor {bt.__version__}"


def compare_metagraph():
    theirs = subtensor.subnets.metagraph(plain).neurons
    read = ours.subnet(plain)["neurons"]
    same([each["hotkey"] for each in read], [each.hotkey for each in theirs], "hotkeys")
    same([each["coldkey"] for each in read], [each.coldkey for each in theirs], "coldkeys")
    same([each["hasPermit"] for each in read], [each.validator_permit for each in theirs], "permits")
    same([int(each["stakeRao"]) for each in read], [each.total_stake.rao for each in theirs], "stakes")
    return f"{len(read)} neurons"


def read_the_rest():
    same(600, subtensor.subnets.subnet(timelock).tempo, "tempo")
    same([each["hotkey"] for each in ours.subnet(plain)["neurons"]], [each.hotkey for each in subtensor.neurons.neurons(plain)], "neurons")
    same(5, subtensor.hyperparameters.weights_rate_limit(plain), "weights rate limit")
    same(facts["blockSeconds"], subtensor.block_time(), "block time")
    expect(subtensor.balances.get(miner.coldkeypub.ss58_address).tao > 1000, "balance")


def register():
    passed(subtensor.submit_call(calls.SubtensorModule.burned_register(netuid=plain, hotkey=miner_address), miner))
    neuron = ours.neuron(plain, miner_address)
    expect(neuron is not None, "our client does not see the new neuron")
    return f"uid {neuron['uid']}"


def refuse_registration():
    result = subtensor.submit_call(calls.SubtensorModule.burned_register(netuid=plain, hotkey=miner_address), miner)
    expect(not result.success, "a registered hotkey is registered again")
    same("HotKeyAlreadyRegisteredInSubNet", result.error.name, "name of the error")


def serve():
    passed(subtensor.execute(intents.ServeAxon(netuid=plain, ip="127.0.0.2", port=18_091), miner))
    endpoint = ours.neuron(plain, miner_address)["endpoint"]
    same((endpoint["host"], endpoint["port"]), ("127.0.0.2", 18_091), "endpoint")
    return f"{endpoint['host']}:{endpoint['port']}"


def refuse_serving():
    result = subtensor.execute(intents.ServeAxon(netuid=plain, ip="127.0.0.2", port=18_091), KeyedWallet("//Dave", "//nobody"))
    expect(not result.success and "not registered" in result.message, f"refused as: {result.message}")


def stake():
    passed(subtensor.execute(intents.AddStake(netuid=plain, amount_tao=100, hotkey_ss58=miner_address), miner))
    expect(int(ours.neuron(plain, miner_address)["stakeRao"]) > 0, "our client reads no stake")


def set_weights_by_call():
    uids, values = intents.normalize([1, 2, 3], [0.25, 0.5, 0.0])
    call = calls.SubtensorModule.set_mechanism_weights(netuid=plain, mecid=0, dests=uids, weights=values, version_key=0)
    passed(subtensor.submit_call(call, validator, signer="hotkey"))
    same(ours.neuron(plain, validator_address)["weights"], [[1, 32768], [2, 65535]], "weights")


def refuse_weights():
    call = calls.SubtensorModule.set_mechanism_weights(netuid=plain, mecid=0, dests=[0, 1], weights=[1, 65535], version_key=0)
    result = subtensor.submit_call(call, KeyedWallet("//Bob", "//miner"), signer="hotkey")
    expect(not result.success, "weights without a permit")
    same("NeuronNoValidatorPermit", result.error.name, "name of the error")


def commit_timelocked():
    def read(item):
        return int(subtensor.query(item, [timelock]) or 0)

    commit, reveal_round = bittensor_core.get_encrypted_commit_v2(
        uids=[1, 2],
        weights=[65535, 32768],
        version_key=0,
        last_epoch_block=read(storage.LastEpochBlock),
        pending_epoch_at=read(storage.PendingEpochAt),
        subnet_epoch_index=read(storage.SubnetEpochIndex),
        tempo=read(storage.Tempo),
        blocks_since_last_step=read(storage.BlocksSinceLastStep),
        current_block=subtensor.block,
        subnet_reveal_period_epochs=read(storage.RevealPeriodEpochs),
        block_time=facts["blockSeconds"],
        hotkey=bytes(validator.hotkey.public_key),
    )
    call = calls.SubtensorModule.commit_timelocked_mechanism_weights(
        netuid=timelock, mecid=0, commit=commit, reveal_round=reveal_round, commit_reveal_version=4
    )
    passed(subtensor.submit_call(call, validator, signer="hotkey"))
    commits = ours.subnet(timelock)["timelockedCommits"]
    same([each["round"] for each in commits], [str(reveal_round)], "reveal round")
    same(commits[0]["byteCount"], len(commit), "bytes of the commit")
    return f"{len(commit)} bytes for round {reveal_round}"


def reveal_timelocked():
    raise NotApplicable("the package locks to drand's key, which is compiled in; the development chain has a beacon of its own")


def btauth_to_us():
    body, path = b'{"text": "hello"}', "/btauth?of=python"
    headers = http_auth.sign(validator, method="POST", path=path, body=body, receiver_ss58=ours.hotkey)
    same(ours.ask(path, body, headers)["ok"], True, "the request that was signed")
    same(ours.ask(path, body + b" ", headers)["ok"], False, "a changed body")


def btauth_to_python():
    def check(headers, body, path):
        try:
            caller = http_auth.verify(dict(headers.items()), body, method="POST", path=path, self_hotkey_ss58=miner_address)
            return None if caller.hotkey_ss58 == ours.hotkey else "another caller"
        except http_auth.AuthError as refusal:
            return type(refusal).__name__

    with VerifyingServer(check) as server:
        call = {"kind": "btauth", "port": server.port, "receiver": miner_address, "text": "ol\u00e1"}
        same(ours.ask("/call", call)["status"], 200, "the status of our request")
        same(json.loads(ours.ask("/call", {**call, "tamper": True})["body"])["refusal"], "BadSignature", "a changed body")


def no_synapse():
    raise NotApplicable("11.x has neither axon nor dendrite")


steps.run("connect", connect)
steps.run("metagraph is ours", compare_metagraph)
steps.run("hyperparameters, subnets, neurons, balance", read_the_rest)
steps.run("BurnedRegister, intent", lambda: passed(intent_or_reason(intents.BurnedRegister(netuid=plain), KeyedWallet("//Charlie", "//by-intent"))))
steps.run("burned_register, raw call", register)
steps.run("burned_register of a registered hotkey is refused by name", refuse_registration)
steps.run("ServeAxon, intent", serve)
steps.run("ServeAxon of a stranger is refused by the pool (10)", refuse_serving)
steps.run("AddStake, intent", stake)
steps.run("SetWeights, intent", lambda: passed(intent_or_reason(intents.SetWeights(netuid=plain, weights={1: 0.25, 2: 0.5}), validator)))
steps.run("set_mechanism_weights, raw call", set_weights_by_call)
steps.run("set_mechanism_weights without a permit is refused by name", refuse_weights)
steps.run("commit_timelocked_mechanism_weights, raw call", commit_timelocked)
steps.run("timelocked commit revealed by the chain", reveal_timelocked)
steps.run("metagraph after all that is ours", compare_metagraph)
check_timelock(steps, ours, bittensor_core.encrypt_at_round, bittensor_core.decrypt_with_signature)
check_vectors(steps, ours, lambda address: Keypair(ss58_address=address))
check_epistula(steps, ours, facts, validator.hotkey, lambda address: Keypair(ss58_address=address))
steps.run("btauth/1: our signatures' primitives verify what Python signs", btauth_to_us)
steps.run("btauth/1: Python accepts what our hotkey signs, and refuses it changed", btauth_to_python)
steps.run("synapse", no_synapse)
check_wallets(steps, ours, Wallet)
# Clients leave threads behind that would keep the process.
os._exit(0)
