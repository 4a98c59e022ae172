"""Array aliases and the random streams: every draw of the generator comes from a named, numbered stream."""

from typing import Any, Final, Literal, get_args

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

StreamName = Literal[
    "articles", "texts", "attributes", "traits", "orders", "tastes", "lines", "events", "survey"
]
_STREAMS: Final = get_args(StreamName)


def stream(seed: int, name: StreamName, block: int = 0) -> np.random.Generator:
    """Return the generator of one named stream and block of customers.

    Streams are independent of each other (``numpy.random.SeedSequence`` spawn keys), so a draw added to one
    of them changes no other, and blocks give the same numbers in whatever order threads take them.
    """
    key = (_STREAMS.index(name), block)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy=seed, spawn_key=key)))


def starts(counts: Array) -> Array:
    """Return the offset at which each of the consecutive groups of the given sizes begins."""
    offsets = np.zeros(len(counts), dtype=np.int64)
    np.cumsum(counts[:-1], out=offsets[1:])
    return offsets


def choose(cumulative: Array, draws: Array) -> Array:
    """Draw one column per row: ``cumulative`` is (n, k) running weights, ``draws`` are n uniforms."""
    scaled = draws * cumulative[:, -1]
    return np.asarray((cumulative[:, :-1] <= scaled[:, None]).sum(axis=1), dtype=np.int8)


def exactly(total: int, size: int, score: Array) -> Array:
    """Mark exactly ``total`` of ``size`` rows: those with the smallest score (ties by position)."""
    marked = np.zeros(size, dtype=bool)
    marked[np.argsort(score, kind="stable")[:total]] = True
    return marked
