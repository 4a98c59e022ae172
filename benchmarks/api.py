"""How much longer `POST /predict_segment` takes than a route that does nothing: 100 requests a second on one worker.

The portal is started as it is (`hm_assets.serving.portal`, one process), with an empty route beside its own. Requests
are sent on a fixed schedule (open loop: one that is late does not hold back the next, so that waiting is counted), the
two kinds in turn within one run. Measured is the time from when a request was due to its last byte.

Use: `python -m benchmarks.api --warehouse data/warehouse [--rate 100] [--seconds 20]`.
"""

import argparse
import asyncio
import json
import multiprocessing
import socket
import time
from pathlib import Path

import httpx
import numpy as np
import uvicorn

from benchmarks.measure import save
from hm_assets.serving.pipeline import CustomerSegmentationPipeline
from hm_assets.serving.portal import create_app
from hm_assets.settings import Settings

MOST = 5.0
CONNECTIONS = 32


def serve(warehouse: Path, port: int) -> None:
    """The portal with an empty route."""
    app = create_app(Settings(warehouse=warehouse))

    @app.post("/empty")
    async def empty() -> dict[str, str]:
        return {}

    # A connection that the client thinks open must not be closed for being idle while the machine is busy.
    uvicorn.run(app, port=port, log_level="warning", access_log=False, timeout_keep_alive=60)


async def load(port: int, bodies: dict[str, bytes], rate: float, seconds: float) -> dict[str, list[float]]:
    """Milliseconds of each request by route, the routes in turn.

    On bare connections: a client library would take more of a small machine than what is measured.
    """
    found: dict[str, list[float]] = {route: [] for route in bodies}
    routes = list(bodies)
    due: asyncio.Queue[tuple[float, str]] = asyncio.Queue()

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while True:
            moment, route = await due.get()
            writer.write(
                f"POST {route} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(bodies[route])}\r\n\r\n".encode()
                + bodies[route]
            )
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            assert head.startswith(b"http/1.1 200"), head
            await reader.readexactly(int(head.split(b"content-length: ")[1].split(b"\r\n")[0]))
            found[route].append(1000 * (time.perf_counter() - moment))
            due.task_done()

    connections = [asyncio.create_task(connection()) for _ in range(CONNECTIONS)]
    begun = time.perf_counter() + 0.2
    for number in range(int(rate * seconds)):
        moment = begun + number / rate
        await asyncio.sleep(max(0.0, moment - time.perf_counter()))
        due.put_nowait((moment, routes[number % len(routes)]))
    await due.join()
    for each in connections:
        each.cancel()
    return found


def main() -> None:
    """Measure, print, and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--warehouse", type=Path, required=True)
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    asked = parser.parse_args()
    columns = CustomerSegmentationPipeline.load_model(asked.warehouse).published.champion.space.columns
    body = json.dumps({"features": dict.fromkeys(columns, 3)}).encode()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(asked.warehouse, port))
    server.start()
    try:
        for _ in range(600):
            try:
                httpx.get(f"http://127.0.0.1:{port}/healthz")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        bodies = {"/empty": body, "/predict_segment": body}
        asyncio.run(load(port, bodies, asked.rate, 2.0))
        taken = asyncio.run(load(port, bodies, asked.rate, asked.seconds))
    finally:
        server.terminate()
        server.join()
    figures = {
        route: {f"p{q}": round(float(np.percentile(times, q)), 3) for q in (50, 95, 99)}
        | {"requests": len(times)}
        for route, times in taken.items()
    }
    ratio = round(figures["/predict_segment"]["p99"] / figures["/empty"]["p99"], 2)
    for route, values in figures.items():
        print(f"{route:18} " + "  ".join(f"{name} {value:,}" for name, value in values.items()))
    print(f"p99 ratio {ratio} (at most {MOST}): {'kept' if ratio <= MOST else 'NOT KEPT'}")
    rows: list[dict[str, float | str]] = [{"route": route, **values} for route, values in figures.items()]
    save("api", rows, rate=asked.rate, seconds=asked.seconds, p99_ratio=ratio)


if __name__ == "__main__":
    main()
