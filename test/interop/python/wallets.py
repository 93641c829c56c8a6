"""Wallet files that one side writes and the other opens, with the password in btcli's environment variable."""

import ctypes
import os
import tempfile

from steps import expect, same

# Letters beyond ASCII and a wallet's name with spaces: the variable's name and its value are made of the path.
PASSWORD = "p\u00e4ss w\u00f6rd \u03c4"


def check_wallets(steps, ours, wallet_class):
    """Both directions, and what must not open."""
    folder = tempfile.mkdtemp(prefix="interop-wallets-")
    secret = os.path.join(folder, "password")
    with open(secret, "w", encoding="utf-8") as file:
        file.write(PASSWORD)

    def our_command(*argv, env=None):
        answer = ours.ask("/wallet", {"argv": [*argv, "--wallet-path", folder], "env": env or {}})
        expect(answer["exitCode"] == 0, f"our wallet command ends with {answer['exitCode']}: {answer['text']}")
        return answer["text"]

    def variable_of(name):
        key, _, value = our_command("password-variable", "--wallet-name", name, "--password-file", secret).partition("=")
        return {key: value}

    def written_by_us():
        name = "our wallet-1"
        our_command("new", "--wallet-name", name, "--wallet-hotkey", "default", "--password-file", secret)
        shown = our_command("show", "--wallet-name", name)
        opened = wallet_class(name=name, hotkey="default", path=folder)
        variable = variable_of(name)
        os.environ.update(variable)
        try:
            coldkey = opened.get_coldkey()
        finally:
            for key in variable:
                del os.environ[key]
        for address in (coldkey.ss58_address, opened.coldkeypub.ss58_address, opened.hotkey.ss58_address):
            expect(address in shown, f"Python opens {address}, we show {shown}")
        return next(iter(variable))

    def written_by_python():
        name = "python_wallet"
        made = wallet_class(name=name, hotkey="default", path=folder)
        made.create_new_coldkey(use_password=True, overwrite=True, suppress=True, coldkey_password=PASSWORD)
        made.create_new_hotkey(use_password=False, overwrite=True, suppress=True)
        shown = our_command("show", "--wallet-name", name)
        for address in (made.coldkeypub.ss58_address, made.hotkey.ss58_address):
            expect(address in shown, f"Python wrote {address}, we show {shown}")
        # Python's own variable, too: name and value are the same bytes.
        key = made.coldkey_file.env_var_name()
        made.coldkey_file.save_password_to_env(PASSWORD)
        # Written to the process's environment by native code, which os.environ does not see.
        libc = ctypes.CDLL(None)
        libc.getenv.restype = ctypes.c_char_p
        value = libc.getenv(key.encode()).decode()
        try:
            same(variable_of(name), {key: value}, "the variable")
            text = our_command("show", "--wallet-name", name, "--show-secret", env={key: value})
        finally:
            os.unsetenv(key)
        same(True, "mnemonic" in text or "seed" in text, "whether the secret is shown")

    def wrong_password():
        wrong = os.path.join(folder, "wrong")
        with open(wrong, "w", encoding="utf-8") as file:
            file.write("another one")
        argv = ["show", "--wallet-name", "python_wallet", "--show-secret", "--password-file", wrong, "--wallet-path", folder]
        answer = ours.ask("/wallet", {"argv": argv, "env": {}})
        same(answer["exitCode"], 1, "the exit code with a wrong password")

    steps.run("wallets: Python opens a coldkey that we wrote, by our variable", written_by_us)
    steps.run("wallets: we open a coldkey that Python wrote, and make the same variable", written_by_python)
    steps.run("wallets: a wrong password opens nothing", wrong_password)
