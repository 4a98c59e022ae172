"""`recommendations/back_test`: the judged customers of past days with their lists, as rows."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hm_assets.recommendations.back_test import AS_IS, IN_STOCK, OWNED_LEFT_OUT, Judged, Said, judge, new_to
from hm_assets.recommendations.choice import Choice, choose, to_take
from hm_assets.recommendations.effort import Effort
from hm_assets.recommendations.ladder.rung import Content as Alike
from hm_assets.recommendations.ladder.rung import Rung
from hm_assets.recommendations.lists import NONE
from hm_assets.recommendations.measures.ranking import average_precision, hits, recall
from hm_assets.recommendations.measures.variety import Content, Range, diversity, novelty, range_of
from hm_assets.recommendations.purchases import Purchases
from hm_assets.recommendations.rerank import varied
from hm_assets.recommendations.slices import slices
from hm_assets.recommendations.tables import BACK_TEST
from hm_assets.recommendations.weeks import cut_offs
from hm_assets.segments.space import Bools, Floats, Ints
from hm_assets.warehouse import beside

VARIETIES = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
VARIETY = "variety="


@dataclass(frozen=True)
class Day:
    """A judged day without the purchases that were known on it: there is room for one of these at a time.

    `new` tells of all that was bought whether the customer had never bought it; `groups` are those of `slices`.
    """

    as_of: dt.date
    customers: Ints
    bought: Sequence[Ints]
    new: Sequence[Bools]
    said: Mapping[str, Said]
    groups: Mapping[str, Sequence[str]]
    sold: Range

    @classmethod
    def of(cls, judged: Judged, people: pa.Table) -> "Day":
        """What is kept of a day; `people` as the recommenders knew them."""
        return cls(
            judged.as_of,
            judged.customers,
            judged.bought,
            new_to(judged.known, judged.customers, judged.bought),
            judged.said,
            slices(judged.known, people, judged.customers),
            range_of(judged.known),
        )


def days_of(everything: Purchases, effort: Effort) -> list[dt.date]:
    """The latest past days of which the seven days after are known, the latest first."""
    return cut_offs(*_reach(everything), effort.weeks)


def days_judged(
    everything: Purchases,
    rungs: Sequence[Rung],
    people: Callable[[dt.date], pa.Table],
    catalogue: pa.Table,
    effort: Effort,
    seed: int,
    threads: int,
    days: Sequence[dt.date] | None = None,
    alike: Alike | None = None,
    workers: int = 1,
) -> list[Day]:
    """The recommenders on the latest past days (or on these) on which somebody bought in the seven days after.

    Parameters
    ----------
    everything
        Purchases up to the last day that is known.
    rungs
        The recommenders, the baselines among them, simplest first.
    people
        `Known.people` as of a day.
    catalogue, seed, threads
        See `Known`; `alike` is its `content`.
    effort
        How many weeks and customers.
    days
        Instead of the latest ones.
    workers
        Processes that share the days and the recommenders.
    """
    if days is None:
        days = days_of(everything, effort)
    work = partial(
        _judged,
        everything=everything,
        catalogue=catalogue,
        effort=effort,
        seed=seed,
        threads=threads,
        alike=alike,
    )
    # The heavy ones stand beside each other in the ladder: every n-th is a share.
    of_days = ((day, people(day)) for day in days)
    asked = ((day, known, rungs[share::workers]) for day, known in of_days for share in range(workers))
    found: dict[dt.date, Day] = {}
    for day in beside.each(work, asked, workers):
        if day is not None:
            before = found.get(day.as_of, day)
            found[day.as_of] = replace(day, said={**before.said, **day.said})
    names = [rung.name for rung in rungs]
    return [replace(day, said={name: day.said[name] for name in names}) for day in found.values()]


def _judged(
    asked: tuple[dt.date, pa.Table, Sequence[Rung]],
    everything: Purchases,
    catalogue: pa.Table,
    effort: Effort,
    seed: int,
    threads: int,
    alike: Alike | None,
) -> Day | None:
    """Some of the recommenders on a day; None where nobody bought after it."""
    day, people, rungs = asked
    found = judge(
        everything,
        day,
        rungs,
        people,
        catalogue,
        seed,
        threads,
        effort.customers,
        others=(OWNED_LEFT_OUT, IN_STOCK),
        reranked=effort.reranked,
        content=alike,
    )
    return Day.of(found, people) if len(found.customers) else None


def chosen(days: Sequence[Day], rungs: Sequence[Rung]) -> Choice:
    """Which recommender to take, from the average precision of the lists as they are."""
    aps = {rung.name: [day.said[rung.name].ap for day in days] for rung in rungs}
    return choose(aps, [rung.name for rung in rungs if rung.baseline], to_take(rungs))


def rows(days: Sequence[Day], content: Content, taken: str, month: dt.date) -> pa.Table:
    """The rows of `recommendations/back_test` of a month: of each day, recommender and setting.

    Parameters
    ----------
    days
        The judged ones.
    content
        Vectors of articles.
    taken
        The recommender whose lists are re-ranked for variety.
    month
        That the rows belong to.
    """
    parts = [BACK_TEST.arrow_schema().empty_table()]
    for day in days:
        for name, said in day.said.items():
            for setting, lists in {AS_IS: said.lists, **said.others}.items():
                parts.append(_rows(day, name, setting, lists, content, month))
        candidates = day.said[taken].candidates if taken in day.said else None
        if candidates is not None:
            for variety in VARIETIES:
                lists = varied(candidates, content, variety)
                parts.append(_rows(day, taken, f"{VARIETY}{variety:g}", lists, content, month))
    return pa.concat_tables(parts)


def _rows(day: Day, name: str, setting: str, lists: Ints, content: Content, month: dt.date) -> pa.Table:
    n = len(lists)
    bought, new = day.bought[:n], day.new[:n]
    count = np.array([len(mine) for mine in bought], dtype=np.int64)
    hit = hits(lists, bought)
    named = lists != NONE
    ends = np.append(0, np.cumsum(named.sum(axis=1))).astype(np.int32)
    place = day.sold.places(lists)
    on_sale = np.append(day.sold.recent, False)[place]
    same = {
        "as_of": day.as_of,
        "month": month,
        "recommender": name,
        "setting": setting,
        "range_28d": int(day.sold.recent.sum()),
        "range_known": len(day.sold.articles),
        "seconds": day.said[name].seconds,
    }
    own = {
        "customer_key": day.customers[:n],
        "bought": count,
        "bought_new": np.array([mine.sum() for mine in new], dtype=np.int64),
        "hits": hit.sum(axis=1),
        "ap": average_precision(hit, count),
        "recall": recall(hit, count),
        "ap_new": _of_part(lists, bought, new),
        "ap_repeat": _of_part(lists, bought, [~mine for mine in new]),
        "diversity": _known(diversity(lists, content)),
        "novelty": _known(novelty(lists, day.sold)),
        "articles": pa.ListArray.from_arrays(pa.array(ends), pa.array(lists[named])),
        "on_sale": pa.ListArray.from_arrays(pa.array(ends), pa.array(on_sale[named])),
        **{family: groups[:n] for family, groups in day.groups.items()},
    }
    schema = BACK_TEST.arrow_schema()
    alike = {
        column: pa.repeat(pa.scalar(value, schema.field(column).type), n) for column, value in same.items()
    }
    columns = own | alike
    return pa.table([pa.array(columns[each]) for each in schema.names], names=schema.names).cast(schema)


def _of_part(lists: Ints, bought: Sequence[Ints], part: Sequence[npt.NDArray[np.bool_]]) -> pa.Array:
    """Average precision where only a part of what was bought counts; empty for those of whom there is none."""
    mine = [all_[which] for all_, which in zip(bought, part, strict=True)]
    count = np.array([len(each) for each in mine], dtype=np.int64)
    found = average_precision(hits(lists, mine), np.maximum(count, 1))
    return _known(np.where(count > 0, found, np.nan))


def _known(values: Floats) -> pa.Array:
    return pa.array(values, mask=np.isnan(values))


def _reach(everything: Purchases) -> tuple[dt.date, dt.date]:
    """First and last day with a purchase."""
    ends = (everything.ago.max(), everything.ago.min()) if len(everything.ago) else (0, 0)
    first, last = (everything.as_of - dt.timedelta(days=int(ago)) for ago in ends)
    return first, last
