"""Epistula version 2 as Python miners and validators write it (Targon and others), over any keypair with sign and verify."""

import hashlib
import json
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MAX_AGE_MS = 8000


def message(body, request_id, timestamp, signed_for):
    return f"{hashlib.sha256(body).hexdigest()}.{request_id}.{timestamp}.{signed_for}"


def sign(keypair, body, signed_for, timestamp=None):
    """Headers of a signed request."""
    timestamp = str(round(time.time() * 1000) if timestamp is None else timestamp)
    request_id = str(uuid.uuid4())
    return {
        "Epistula-Version": "2",
        "Epistula-Timestamp": timestamp,
        "Epistula-Uuid": request_id,
        "Epistula-Signed-By": keypair.ss58_address,
        "Epistula-Signed-For": signed_for,
        "Epistula-Request-Signature": "0x" + bytes(keypair.sign(message(body, request_id, timestamp, signed_for).encode())).hex(),
    }


def verify(headers, body, our_address, keypair_of):
    """None, or why the request is refused."""
    timestamp = headers["Epistula-Timestamp"]
    if int(timestamp) + MAX_AGE_MS < time.time() * 1000:
        return "stale"
    if headers["Epistula-Signed-For"] != our_address:
        return "not for us"
    signed = message(body, headers["Epistula-Uuid"], timestamp, our_address).encode()
    signature = bytes.fromhex(headers["Epistula-Request-Signature"].removeprefix("0x"))
    return None if keypair_of(headers["Epistula-Signed-By"]).verify(signed, signature) else "bad signature"


class VerifyingServer:
    """A server on a free port that answers 200 to requests that `check(headers, body, path)` returns None for, and 401 to others."""

    def __init__(self, check):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                refusal = check(self.headers, body, self.path)
                answer = json.dumps({"refusal": refusal}).encode()
                self.send_response(200 if refusal is None else 401)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.shutdown()
