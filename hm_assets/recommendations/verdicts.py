"""What a paired difference over weeks says, in words."""

from hm_assets.recommendations.measures.uncertainty import Measured


def verdict(difference: Measured, other: str) -> str:
    """`better than X`, `no better than X` (the interval holds 0), `worse than X`, or that it cannot be told.

    Parameters
    ----------
    difference
        Of MAP@12, over weeks.
    other
        What it is the difference to.
    """
    if difference.value is None:
        return "nobody to judge it by"
    if difference.low is None or difference.high is None:
        return "one week cannot tell"
    if difference.low > 0:
        return f"better than {other}"
    if difference.high < 0:
        return f"worse than {other}"
    return f"no better than {other}"
