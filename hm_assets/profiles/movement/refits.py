"""What the champion's algorithm makes of past months: fitted anew on each, beside it on the same customers."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hm_assets.segments.champion.algorithm import algorithm_of
from hm_assets.segments.champion.champion import Champion
from hm_assets.segments.fitting import CannotFit
from hm_assets.segments.lab.attempts import attempts
from hm_assets.segments.lab.effort import Effort
from hm_assets.segments.models import nearest
from hm_assets.segments.people import Load, Spent
from hm_assets.segments.space import Ints
from hm_assets.warehouse.calendar import add_months

# As many past months, these many months apart, read by these many customers at most.
MONTHS = {"quick": 2, "full": 4}
MOST_CUSTOMERS = {"quick": 20_000, "full": 200_000}
MONTHS_APART = 3


@dataclass(frozen=True)
class Refit:
    """`both[i, j]`: customers whom the champion places in its segment `ids[i]` and the refit in its j-th.

    Nobody, with the reason in `refused`, where the algorithm could not be fitted.
    """

    fitted_on: dt.date
    ids: tuple[int, ...]
    both: Ints
    refused: str | None = None


def past_months(month: dt.date, known: Sequence[dt.date], depth: str) -> list[dt.date]:
    """The months to fit on: three months apart, latest first, none later than `month` minus three."""
    wanted = [add_months(month, -MONTHS_APART * i) for i in range(1, MONTHS[depth] + 1)]
    return [each for each in wanted if each in set(known)]


def refits(
    champion: Champion, load: Load, spent: Spent, months: Sequence[dt.date], effort: Effort, seed: int
) -> Iterator[Refit]:
    """Fit the champion's algorithm, in its space and with as many segments, on the customers of each month.

    Parameters
    ----------
    champion
        What it is compared with, on the same customers.
    load, spent
        Customers of a month, and what they spent after it (for an algorithm that learns from that).
    months
        Of `past_months`.
    effort, seed
        How much, and by which lot.
    """
    most = MOST_CUSTOMERS[effort.depth]
    for month in months:
        nothing = Refit(month, champion.ids, np.zeros((len(champion.ids), 0), dtype=np.int64))
        try:
            algorithm = algorithm_of(champion)
            (tried,) = attempts(load, spent, month, [algorithm], effort, seed, lambda _: most)
        except (CannotFit, ValueError) as error:
            yield replace(nothing, refused=str(error))
            continue
        if tried.fitted is None:
            yield replace(nothing, refused=tried.refused)
            continue
        ours = nearest(champion.model, champion.space.transform(tried.people.rows))
        k = tried.fitted.model.k
        counts = np.bincount(ours * k + tried.labels, minlength=len(champion.ids) * k)
        yield replace(nothing, both=counts.reshape(-1, k))
