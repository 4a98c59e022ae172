"""One thread for numerical work: several add up floats in the order in which they finish, one gives the same bytes."""

from contextlib import AbstractContextManager
from functools import cache
from typing import Any


def one_thread() -> AbstractContextManager[Any]:
    """While this is entered, BLAS and OpenMP use one thread."""
    context: AbstractContextManager[Any] = _pools().limit(limits=1)
    return context


@cache
def _pools() -> Any:
    """The thread pools of this process; looked for once, since that takes longer than a small fit."""
    # These bring every pool there is: one that is loaded later would not be held.
    import scipy.linalg
    import sklearn.cluster
    from threadpoolctl import ThreadpoolController

    del scipy, sklearn
    return ThreadpoolController()
