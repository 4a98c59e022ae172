"""A web server that keeps what is posted to it, and answers as it is told."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def post_box(answers: Sequence[int] = (200,)) -> Iterator[tuple[str, list]]:
    """Address of the server and what was posted; `answers` are given in order, the last one for ever."""
    left, received = list(answers), []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(left.pop(0) if len(left) > 1 else left[0])
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hooks/secret", received
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
