"""A stand-in for SendGrid's v3 API: a real HTTP server in a thread, with a log of what it took.

`answers` are given in turn, then `default` for ever; or `choose` says what is answered to a body. An
answer is a status or one of the words below. Its log is bounded, and so is what it reads.
"""

import json
import socket
import struct
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MOST = 20_000
LARGEST = 2_000_000

HANG = "hang"  # taken, and never answered
HANG_LOST = "hang-lost"  # never answered, and not taken
CUT_BEFORE = "cut-before"  # cut off before it is read
CUT_AFTER = "cut-after"  # taken, then cut off without an answer
CUT_WITHIN = "cut-within"  # taken, and the answer breaks off
GARBAGE = "garbage"  # taken, and answered with what is no HTTP
LIMITED = 429
ANSWERS = (
    *(202, 400, 401, 403, 413, LIMITED, 500, 503),
    *(HANG, HANG_LOST, CUT_BEFORE, CUT_AFTER, CUT_WITHIN, GARBAGE),
)
"""Each kind once."""
TAKEN = {200, 202, HANG, CUT_AFTER, CUT_WITHIN, GARBAGE}


@dataclass(frozen=True)
class Entry:
    """One request. `taken`: a real provider would deliver it."""

    answer: object
    taken: bool
    body: dict
    headers: dict

    @property
    def key(self):
        return self.body["personalizations"][0]["custom_args"]["key"]

    @property
    def message_id(self):
        return self.body["headers"]["Message-ID"]


class FakeSendGrid:
    def __init__(self, *, default=202, delay=0.0, reset=30, hangs=5.0, context=None, choose=None):
        self.default, self.delay, self.reset, self.hangs = default, delay, reset, hangs
        self.choose = choose
        self.answers = []
        self.log = []
        self.received = 0
        self.over = threading.Event()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.request_queue_size = 64
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        scheme = "http" if context is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    def close(self):
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def taken(self):
        return [entry for entry in self.log if entry.taken]

    def next_answer(self):
        with self._lock:
            return self.answers.pop(0) if self.answers else self.default

    def note(self, entry):
        with self._lock:
            assert len(self.log) < MOST, "the fake's log is full"
            self.log.append(entry)

    def _handler(self):
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def do_POST(self):
                answer = None if fake.choose else fake.next_answer()
                if answer == CUT_BEFORE:
                    fake.received += 1
                    self._cut()
                    return
                length = int(self.headers["Content-Length"])
                assert length <= LARGEST
                body = json.loads(self.rfile.read(length))
                answer = fake.choose(body) if fake.choose else answer
                fake.note(Entry(answer, answer in TAKEN, body, dict(self.headers)))
                fake.received += 1
                if fake.delay:
                    time.sleep(fake.delay)
                self._answer(answer)

            def _answer(self, answer):
                if answer in (HANG, HANG_LOST):
                    fake.over.wait(fake.hangs)
                    self._cut()
                elif answer in (CUT_BEFORE, CUT_AFTER):
                    self._cut()
                elif answer == CUT_WITHIN:
                    self.wfile.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 50\r\n\r\nhalf")
                    self._cut()
                elif answer == GARBAGE:
                    self.wfile.write(b"\x00\xff\x16 what?\r\n\r\n")
                    self._cut()
                else:
                    self._status(answer)

            def _status(self, status):
                said = b""
                if status >= 400:
                    field = "personalizations.0.to.0.email"
                    message = "ada@example.org is wrong"
                    said = json.dumps({"errors": [{"message": message, "field": field}]}).encode()
                self.send_response(status)
                if status == 202:
                    self.send_header("X-Message-Id", f"fake-{len(fake.log)}")
                if status == LIMITED:
                    self.send_header("X-RateLimit-Reset", str(int(time.time()) + fake.reset))
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def _cut(self):
                """Resets the connection, as one does that breaks."""
                self.close_connection = True
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()

            def finish(self):
                with suppress(OSError, ValueError):  # The connection was cut on purpose.
                    super().finish()

            def log_message(self, *_):
                pass

        return Handler


@contextmanager
def running(**options):
    fake = FakeSendGrid(**options)
    try:
        yield fake
    finally:
        fake.close()
