"""Who is treated and who is held out: at random, the same on every machine, balanced by segment and value.

The draw of a customer is the first 60 bits of SHA-256 of the campaign's key and the customer's id: no seed, no order of
rows, no generator whose next version draws otherwise. Within a stratum (segment x value band) those with the smallest
draws are held out. A share of a stratum that is no whole number of customers is rounded up or down by the stratum's own
draw, so that each customer's chance is the share exactly, also in strata of two or three.
"""

import hashlib
import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pyarrow as pa

TREATED: Final = "treated"
HOLDOUT: Final = "holdout"
BANDS: Final = ("low", "middle", "high")
DIGITS: Final = 15  # hexadecimal: 60 bits fit an int64


def draw(campaign: str, text: str) -> int:
    """A customer's (or a stratum's) number in a campaign, uniform in [0, 2**60).

    >>> draw("2020-09", "abc") == draw("2020-10", "abc")
    False
    """
    return int(hashlib.sha256(f"{campaign}\n{text}".encode()).hexdigest()[:DIGITS], 16)


def value_bands(segments: Sequence[int], spend: Sequence[float]) -> list[str]:
    """Thirds of spend within each segment; who spent the same is in the same band.

    Parameters
    ----------
    segments, spend
        Of each customer.

    Returns
    -------
    list
        `low`, `middle` or `high` for each.
    """
    placed, spent = np.asarray(segments), np.asarray(spend, dtype=np.float64)
    bands = np.zeros(len(placed), dtype=np.int64)
    for segment in np.unique(placed):
        mine = placed == segment
        cuts = np.quantile(spent[mine], [1 / 3, 2 / 3], method="inverted_cdf")
        bands[mine] = (spent[mine, None] > cuts).sum(axis=1)
    return [BANDS[band] for band in bands]


def assign(
    campaign: str, customer_ids: Sequence[str], strata: Sequence[str], shares: Mapping[str, float]
) -> list[str]:
    """The arm of each customer.

    Parameters
    ----------
    campaign
        Its key: another key draws anew.
    customer_ids
        Each once, in any order.
    strata
        The stratum of each.
    shares
        The share to hold out of each stratum, in [0, 1].

    Returns
    -------
    list
        `treated` or `holdout`, in the order of the ids.

    Raises
    ------
    ValueError
        An id is there twice, or a share is none.
    """
    if len(set(customer_ids)) < len(customer_ids):
        raise ValueError(f"campaign {campaign}: a customer is in the audience twice")
    if not all(0 <= share <= 1 for share in shares.values()):
        raise ValueError(f"campaign {campaign}: a share to hold out is a number from 0 to 1, not {shares}")
    drawn = pa.table(
        {
            "row": np.arange(len(customer_ids)),
            "stratum": pa.array(strata, pa.string()),
            "draw": pa.array([draw(campaign, each) for each in customer_ids], pa.int64()),
            "id": pa.array(customer_ids, pa.string()),
        }
    ).sort_by([("stratum", "ascending"), ("draw", "ascending"), ("id", "ascending")])
    arms = [TREATED] * len(customer_ids)
    lines = zip(drawn["stratum"].to_pylist(), drawn["row"].to_pylist(), strict=True)
    for stratum, group in itertools.groupby(lines, key=lambda line: line[0]):
        members = [row for _, row in group]
        for row in members[: holdout_size(campaign, stratum, len(members), shares[stratum])]:
            arms[row] = HOLDOUT
    return arms


def holdout_size(campaign: str, stratum: str, customers: int, share: float) -> int:
    """How many of a stratum are held out: in the mean over campaigns exactly the share."""
    wanted = customers * share
    whole = math.floor(wanted + 1e-9)
    return whole + int(draw(campaign, f"stratum {stratum}") < (wanted - whole) * 2**60)
