"""Many tests at once: what a p-value is worth when others were looked at too. A missing p-value stays missing."""

from collections.abc import Callable, Sequence
from typing import Any

from hm_assets.explore.hypotheses import holm as step_down


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm (1979): the chance of one false alarm or more among all of them is held."""
    return _of_known(p_values, step_down)


def benjamini_hochberg(p_values: Sequence[float | None]) -> list[float | None]:
    """Benjamini and Hochberg (1995): the expected share of false alarms among the alarms is held."""

    def adjusted(known: list[float]) -> Any:
        from scipy.stats import false_discovery_control

        return false_discovery_control(known)

    return _of_known(p_values, adjusted)


def _of_known(p_values: Sequence[float | None], adjusted: Callable[[list[float]], Any]) -> list[float | None]:
    known = [p for p in p_values if p is not None]
    found = iter(adjusted(known) if known else ())
    return [None if p is None else min(1.0, float(next(found))) for p in p_values]
