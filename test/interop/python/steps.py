"""Steps of an interop run: each ends ok, failed or not applicable, and is told to the parent process as a line of JSON."""

import json
import os
import time
import traceback
import urllib.error
import urllib.request


class NotApplicable(Exception):
    """The client or the chain has no such thing; the message says why."""


class Steps:
    """Runs steps in order and reports them on file descriptor 3: clients print what they like on the usual ones."""

    def __init__(self):
        self._out = os.fdopen(3, "w", buffering=1)

    def run(self, name, step):
        """Runs a step. A later step that needs what this one returns gets None when it did not pass."""
        started = time.monotonic()
        value = None
        try:
            value = step()
            status, detail = "ok", "" if value is None else str(value)
        except NotApplicable as reason:
            status, detail = "not applicable", str(reason)
        except Exception as error:  # noqa: BLE001 - whatever a client throws is this step's failure, and the others go on
            traceback.print_exc()
            status, detail = "failed", f"{type(error).__name__}: {error}"
        line = {"name": name, "status": status, "detail": detail[:300], "seconds": round(time.monotonic() - started, 2)}
        self._out.write(json.dumps(line) + "\n")
        return value


def expect(condition, message):
    """Fails the step unless the condition holds."""
    if not condition:
        raise AssertionError(message)


def same(ours, theirs, what):
    """Fails the step unless both sides read the same."""
    expect(ours == theirs, f"{what}: we read {ours}, Python reads {theirs}")


def post(url, body, headers=None):
    """Posts bytes, or anything else as JSON. Returns status and parsed body."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"content-type": "application/json", **(headers or {})})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


class Counterpart:
    """Our side: what our client reads, and what our signatures are."""

    def __init__(self, facts):
        self._url = facts["counterpartUrl"]
        self.hotkey = facts["counterpartHotkey"]
        self.port = facts["counterpartPort"]

    def ask(self, path, body, headers=None):
        """What our side answers."""
        status, answer = post(self._url + path, body, headers)
        expect(status == 200, f"our side answers {path} with {status}: {answer}")
        return answer

    def subnet(self, netuid):
        """A subnet as our client reads it."""
        return self.ask("/subnet", {"netuid": netuid})

    def neuron(self, netuid, hotkey):
        """A neuron as our client reads it, None when there is none."""
        return next((each for each in self.subnet(netuid)["neurons"] if each["hotkey"] == hotkey), None)
