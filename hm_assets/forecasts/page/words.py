"""How models and figures of the forecasts are written for people."""

from collections.abc import Mapping, Sequence
from typing import Any

from hm_assets.explore.words import number, percent

MODELS = {
    "base_rate": "The same for everybody",
    "recency": "Days since the last order alone",
    "mbg_nbd": "MBG/NBD",
    "pareto_nbd": "Pareto/NBD",
    "rfm_logistic": "Recency, frequency and spend (logistic)",
    "logistic": "All inputs (logistic)",
    "lightgbm": "All inputs (LightGBM)",
    "xgboost": "All inputs (XGBoost)",
    "random_forest": "All inputs (random forest)",
    "neural_network": "All inputs (neural network)",
    "stacking": "Several models stacked",
    "naive": "Last year’s spend carried on",
    "lightgbm_tweedie": "All inputs (LightGBM, Tweedie)",
}
"""Models by what they go by; the first two and `naive` are the plain ones to beat."""
DEMAND_MODELS = {
    "published": "What is published here",
    "last_month": "As last month",
    "seasonal_naive": "As in the same month a year before",
    "drift": "The mean change carried on",
    "seasonal_growth": "A year before, times the year’s growth",
    "exponential_smoothing": "Exponential smoothing",
    "theta": "Theta",
    "seasonal_smoothing": "Exponential smoothing with a season",
    "mix": "Mix",
}


def model(name: str) -> str:
    """What a model goes by; its own name where there is none here."""
    return MODELS.get(name, DEMAND_MODELS.get(name, name))


def span(row: Mapping[str, Any], style: str = "share") -> str:
    """`61 % (58 % to 64 %)`; the figure alone where it has no interval. `style` is share or number."""
    write = percent if style == "share" else number
    if row["low"] is None or row["high"] is None:
        return write(row["value"])
    return f"{write(row['value'])} ({write(row['low'])} to {write(row['high'])})"


def decimals(row: Mapping[str, Any] | None, places: int = 3) -> str:
    """`0.812 (0.790 to 0.834)`, or a dash."""
    if row is None or row["value"] is None:
        return "–"
    if row["low"] is None:
        return f"{row['value']:.{places}f}"
    return f"{row['value']:.{places}f} ({row['low']:.{places}f} to {row['high']:.{places}f})"


def change(now: float, before: float) -> str:
    """`12 % more than`, `as much as` (within half a per cent)."""
    if before <= 0:
        return "against nothing in"
    off = now / before - 1
    if abs(off) < 0.005:
        return "as much as in"
    return f"{percent(abs(off))} {'more' if off > 0 else 'less'} than in"


def joined(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
