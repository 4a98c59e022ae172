"""The same work on several parts, in processes beside each other: the second core of a step that one thread makes.

Threads would wait for each other: what small fits do is mostly Python. The processes are kept from step to step, so
they start once in a run, unless they have nothing to do for a minute: what they hold would be missed by a large step.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Part = TypeVar("Part")
Made = TypeVar("Made")
IDLE_SECONDS = 60


def each(work: Callable[[Part], Made], parts: Iterable[Part], workers: int) -> Iterator[Made]:
    """What `work` makes of each part, in the order of the parts, whoever is done first.

    Parameters
    ----------
    work
        A function of the part alone: it neither asks the engine nor writes. Its seeds come with the part, so that the
        result is the same with any number of workers.
    parts
        What is sent to the processes, so better small.
    workers
        Processes; with one, this one does it all, and takes a part whenever the next result is asked for.
    """
    if workers == 1:
        yield from map(work, parts)
        return
    # All parts are made first, in this thread: joblib would ask for the later ones from a thread of its own.
    known = list(parts)
    if len(known) < 2:
        yield from map(work, known)
        return
    from joblib import Parallel, delayed, parallel_config

    # Each process has one thread for its sums, as `one_thread` gives this one.
    with parallel_config("loky", inner_max_num_threads=1, idle_worker_timeout=IDLE_SECONDS):
        made = Parallel(n_jobs=workers, return_as="generator", batch_size=1)(
            delayed(work)(part) for part in known
        )
    yield from made
