"""An S3 server of the tests' own, over HTTP: moto's, on a port that is free."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

ACCOUNT = {"AWS_ACCESS_KEY_ID": "tester", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}


@contextmanager
def s3_server() -> Iterator[str]:
    """The server's address."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def environment(endpoint: str) -> dict[str, str]:
    """What a process is told of the server."""
    return {"AWS_ENDPOINT_URL": endpoint, **ACCOUNT}


def client(endpoint: str, service: str = "s3") -> Any:
    """Amazon's own client: what is tested uses another."""
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=ACCOUNT["AWS_REGION"],
        aws_access_key_id=ACCOUNT["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=ACCOUNT["AWS_SECRET_ACCESS_KEY"],
    )


@contextmanager
def something_else(status: int, body: bytes) -> Iterator[str]:
    """The address of a server that is no storage: a proxy, a page to log in. Its answer is always this one."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def bad_line(endpoint: str, most_bytes: int) -> Iterator[str]:
    """An address that leads to the server, on a line that breaks once an answer gets longer than so many bytes."""
    host, _, port = endpoint.removeprefix("http://").rpartition(":")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(
            target=_pass_on, args=(listening, (host, int(port)), most_bytes), daemon=True
        ).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        # A thread that waits in accept() is not woken by close() alone.
        listening.shutdown(socket.SHUT_RDWR)


def _pass_on(listening: socket.socket, to: tuple[str, int], most_bytes: int) -> None:
    while True:
        try:
            near, _ = listening.accept()
        except OSError:
            return
        far = socket.create_connection(to)
        threading.Thread(target=_copy, args=(near, far, None), daemon=True).start()
        threading.Thread(target=_copy, args=(far, near, most_bytes), daemon=True).start()


def _copy(source: socket.socket, target: socket.socket, most_bytes: int | None) -> None:
    passed = 0
    try:
        while chunk := source.recv(1024):
            target.sendall(chunk)
            passed += len(chunk)
            if most_bytes is not None and passed > most_bytes:
                break
    except OSError:
        pass
    finally:
        for end in (source, target):
            with suppress(OSError):  # the other thread was quicker
                end.shutdown(socket.SHUT_RDWR)
