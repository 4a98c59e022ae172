"""A real HTTP server that answers as it is told and remembers what it heard."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer


@dataclass(frozen=True)
class Call:
    body: dict
    key: str


@contextmanager
def receiver(answers: Sequence[int]) -> Iterator[tuple[str, list[Call]]]:
    """Its address and the calls so far; after the last answer it says 200."""
    heard: list[Call] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status = answers[len(heard)] if len(heard) < len(answers) else 200
            heard.append(Call(body, self.headers["Idempotency-Key"]))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", heard
    finally:
        server.shutdown()
        server.server_close()
