"""`recommendations/scoreboard`: what the lists of past weeks are worth, from `recommendations/back_test`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.profiles.fairness.privacy import K, segments_withheld
from hm_assets.recommendations.back_test import AS_IS, IN_STOCK, OWNED_LEFT_OUT
from hm_assets.recommendations.choice import Choice, choose, to_take
from hm_assets.recommendations.judged import VARIETIES, VARIETY
from hm_assets.recommendations.ladder.catalogue import BESTSELLERS
from hm_assets.recommendations.ladder.rung import Rung
from hm_assets.recommendations.measures.uncertainty import Measured, draws, interval, over_weeks
from hm_assets.recommendations.slices import FAMILIES
from hm_assets.recommendations.tables import ALL_WEEKS, EVERYBODY, ITSELF
from hm_assets.recommendations.verdicts import verdict
from hm_assets.segments.space import Bools, Floats, numbers

MAP = "map_at_12"
OF_CUSTOMERS = {
    MAP: "ap",
    "recall_at_12": "recall",
    "hit_rate": "hits",
    "diversity": "diversity",
    "novelty": "novelty",
}
"""Measure -> column of the back-test that it is the mean of (of hits: the share above 0)."""
COVERAGES = ("coverage_28d", "coverage_known")
UNVARIED = f"{VARIETY}0"
ARTICLES = {
    "articles=new": (AS_IS, "ap_new"),
    "articles=repeat": (AS_IS, "ap_repeat"),
    "first_time": (OWNED_LEFT_OUT, "ap_new"),
}

Row = dict[str, Any]
Lists = Mapping[tuple[str, str], pa.Table]
"""(setting, recommender) -> rows of the back-test of a day, in the order of customers."""


@dataclass(frozen=True)
class Summed:
    """Per week: the sum of a measure over its customers, and how many they are."""

    sums: list[float] = field(default_factory=list)
    counts: list[float] = field(default_factory=list)

    def add(self, values: Floats) -> None:
        """One more week; NaN where the measure is not defined."""
        self.sums.append(float(np.nansum(values)))
        self.counts.append(float((~np.isnan(values)).sum()))

    def measured(self) -> Measured:
        """The mean over all weeks."""
        return over_weeks(np.array(self.sums), np.array(self.counts))


def days_of(back_test: ibis.Table, order: Sequence[str]) -> dict[str, Lists]:
    """A month of the back-test: judged day, the latest first -> its lists, recommenders in this order."""
    found = back_test.order_by([ibis.desc("as_of"), "setting", "recommender", "customer_key"]).to_pyarrow()
    if not len(found):
        return {}
    keys = [found[name].to_numpy(zero_copy_only=False) for name in ("as_of", "setting", "recommender")]
    changed = np.any([key[1:] != key[:-1] for key in keys], axis=0)
    days: dict[str, dict[tuple[str, str], pa.Table]] = {}
    for start, end in pairwise([0, *(np.flatnonzero(changed) + 1).tolist(), len(found)]):
        day, setting, name = (found[each][start].as_py() for each in ("as_of", "setting", "recommender"))
        days.setdefault(day.isoformat(), {})[setting, name] = found.slice(start, end - start)
    place = {name: i for i, name in enumerate(order)}
    return {
        day: dict(
            sorted(lists.items(), key=lambda each: (each[0][0], place.get(each[0][1], len(place)), each[0]))
        )
        for day, lists in days.items()
    }


def scoreboard(days: Mapping[str, Lists], resamples: int, seed: int) -> Iterator[Row]:
    """Rows of the scoreboard of a month, without the month and what is taken."""
    for number, (day, lists) in enumerate(days.items()):
        yield from _of_week(day, lists, resamples, seed + number)
    yield from _settings(days)
    yield from _leads(days)
    for name, (setting, column) in ARTICLES.items():
        few = 0 < len(_people(days, setting, column)) < K
        for row in _part(days, name, setting, column, None):
            yield _withheld(row) if few else row
    for family in FAMILIES:
        yield from _family(days, family)


def _of_week(day: str, lists: Lists, resamples: int, seed: int) -> Iterator[Row]:
    mine = _with(lists, AS_IS)
    columns = {
        (name, metric): _values(rows, metric) for name, rows in mine.items() for metric in OF_CUSTOMERS
    }
    drawn = draws(np.column_stack(list(columns.values())), resamples, seed)
    place = {each: i for i, each in enumerate(columns)}
    for (name, metric), values in columns.items():
        low, high = interval(drawn[:, place[name, metric]])
        own = {"judged": int((~np.isnan(values)).sum()), "weeks": 1, **_seconds(mine[name])}
        yield _row(day, name, EVERYBODY, metric, ITSELF, Measured(_mean(values), low, high), **own)
        if metric == MAP and name != BESTSELLERS and BESTSELLERS in mine:
            rival = columns[BESTSELLERS, MAP]
            low, high = interval(drawn[:, place[name, MAP]] - drawn[:, place[BESTSELLERS, MAP]])
            yield _row(
                day, name, EVERYBODY, MAP, BESTSELLERS, Measured(_mean(values - rival), low, high), **own
            )
    for name, rows in mine.items():
        for metric in COVERAGES:
            share, of = coverage(rows, metric)
            yield _row(
                day, name, EVERYBODY, metric, ITSELF, Measured(share), of=of, judged=len(rows), weeks=1
            )


def _settings(days: Mapping[str, Lists]) -> Iterator[Row]:
    """All measures over all weeks of the lists as they are, and of those in other settings."""
    names = {AS_IS: EVERYBODY, OWNED_LEFT_OUT: OWNED_LEFT_OUT, IN_STOCK: IN_STOCK}
    names |= {f"{VARIETY}{variety:g}": f"{VARIETY}{variety:g}" for variety in VARIETIES}
    for setting, slice_ in names.items():
        for name in _names(days, setting):
            parts = [lists[setting, name] for lists in days.values() if (setting, name) in lists]
            for metric in OF_CUSTOMERS:
                summed = Summed()
                for rows in parts:
                    summed.add(_values(rows, metric))
                against = _lead_of_setting(days, setting, name) if metric == MAP else None
                yield from _all(name, slice_, metric, summed, against, parts)
            for metric in COVERAGES:
                shares = [coverage(rows, metric) for rows in parts]
                summed = Summed([share for share, _ in shares], [1.0] * len(shares))
                of = float(np.mean([of for _, of in shares]))
                judged = sum(len(rows) for rows in parts)
                yield _row(
                    ALL_WEEKS,
                    name,
                    slice_,
                    metric,
                    ITSELF,
                    summed.measured(),
                    of=of,
                    judged=judged,
                    weeks=len(parts),
                )


def _lead_of_setting(days: Mapping[str, Lists], setting: str, name: str) -> tuple[str, Summed] | None:
    """Against whom a recommender in a setting is held: bestsellers in the same one; of variety, itself without."""
    rival = (UNVARIED, name) if setting.startswith(VARIETY) else (setting, BESTSELLERS)
    if rival == (setting, name):
        return None
    summed = Summed()
    for lists in days.values():
        if rival in lists and (setting, name) in lists:
            summed.add(_values(lists[setting, name], MAP) - _values(lists[rival], MAP))
    return (UNVARIED if setting.startswith(VARIETY) else BESTSELLERS), summed


def _leads(days: Mapping[str, Lists]) -> Iterator[Row]:
    """Of every two recommenders the paired difference over all weeks; that against bestsellers is told already."""
    names = _names(days, AS_IS)
    for one in names:
        for other in names:
            if other not in (one, BESTSELLERS):
                summed = Summed()
                for lists in days.values():
                    if (AS_IS, one) in lists and (AS_IS, other) in lists:
                        summed.add(_values(lists[AS_IS, one], MAP) - _values(lists[AS_IS, other], MAP))
                yield _difference(one, EVERYBODY, other, summed)


def _part(
    days: Mapping[str, Lists], slice_: str, setting: str, column: str, group: tuple[str, str] | None
) -> Iterator[Row]:
    """MAP of a part of the customers, or of what they bought."""
    for name in _names(days, setting):
        own, lead = Summed(), Summed()
        parts = []
        for lists in days.values():
            if (setting, name) in lists:
                mine = lists[setting, name]
                inside = np.ones(len(mine), dtype=bool) if group is None else _in(mine, *group)
                values = np.where(inside, numbers(mine, column), np.nan)
                own.add(values)
                parts.append(mine)
                if (setting, BESTSELLERS) in lists:
                    lead.add(values - numbers(lists[setting, BESTSELLERS], column))
        against = None if name == BESTSELLERS or not lead.sums else (BESTSELLERS, lead)
        yield from _all(name, slice_, MAP, own, against, parts)


def _people(days: Mapping[str, Lists], setting: str, column: str) -> set[int]:
    """Of whom a measure is known: a customer of several weeks is one."""
    found: set[int] = set()
    for lists in days.values():
        for some in list(_with(lists, setting).values())[:1]:
            found.update(some["customer_key"].filter(some[column].is_valid()).to_pylist())
    return found


def _family(days: Mapping[str, Lists], family: str) -> Iterator[Row]:
    """MAP by group of a family; groups of few people are withheld, and those that would give them away."""
    people: dict[str, set[int]] = {}
    for lists in days.values():
        some = next(rows for (setting, _), rows in lists.items() if setting == AS_IS)
        for group in some[family].unique().to_pylist():
            keys = some["customer_key"].to_numpy()[_in(some, family, group)]
            people.setdefault(group, set()).update(keys.tolist())
    groups = sorted(people)
    hidden = segments_withheld({i: len(people[group]) for i, group in enumerate(groups)})
    for i, group in enumerate(groups):
        for row in _part(days, f"{family}={group}", AS_IS, "ap", (family, group)):
            yield _withheld(row) if i in hidden else row


def _withheld(row: Row) -> Row:
    empty = dict.fromkeys(("value", "low", "high", "between_weeks", "judged", "verdict"))
    return {**row, **empty, "withheld": True}


def _all(
    name: str,
    slice_: str,
    metric: str,
    own: Summed,
    against: tuple[str, Summed] | None,
    parts: Sequence[pa.Table],
) -> Iterator[Row]:
    """The row of a measure over all weeks, with what its lead says, and that of the lead."""
    counted = {"judged": int(sum(own.counts)), "weeks": sum(count > 0 for count in own.counts)}
    seconds = _seconds(*parts) if metric == MAP else {}
    said = verdict(against[1].measured(), against[0]) if against else None
    yield _row(ALL_WEEKS, name, slice_, metric, ITSELF, own.measured(), verdict=said, **counted, **seconds)
    if against:
        yield _difference(name, slice_, *against)


def _difference(name: str, slice_: str, other: str, summed: Summed) -> Row:
    found = summed.measured()
    counted = {"judged": int(sum(summed.counts)), "weeks": sum(count > 0 for count in summed.counts)}
    return _row(ALL_WEEKS, name, slice_, MAP, other, found, verdict=verdict(found, other), **counted)


def coverage(rows: pa.Table, metric: str) -> tuple[float, float]:
    """Share of the articles of a range that stand in at least one of these lists, and how many the range has."""
    articles = rows["articles"].combine_chunks().flatten().to_numpy()
    if metric == COVERAGES[0]:
        articles = articles[rows["on_sale"].combine_chunks().flatten().to_numpy(zero_copy_only=False)]
    of = float(rows["range_28d" if metric == COVERAGES[0] else "range_known"][0].as_py())
    return (len(np.unique(articles)) / of if of else 0.0), of


def _names(days: Mapping[str, Lists], setting: str) -> list[str]:
    return list(dict.fromkeys(name for lists in days.values() for each, name in lists if each == setting))


def _with(lists: Lists, setting: str) -> dict[str, pa.Table]:
    return {name: rows for (each, name), rows in lists.items() if each == setting}


def _values(rows: pa.Table, metric: str) -> Floats:
    values = numbers(rows, OF_CUSTOMERS[metric])
    return np.asarray(values > 0, dtype=np.float64) if metric == "hit_rate" else values


def _in(rows: pa.Table, family: str, group: str) -> Bools:
    return np.asarray(rows[family].to_numpy(zero_copy_only=False) == group)


def _mean(values: Floats) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None


def _seconds(*parts: pa.Table) -> Row:
    return {"seconds": float(np.mean([rows["seconds"][0].as_py() for rows in parts]))}


def _row(week: str, name: str, slice_: str, metric: str, against: str, found: Measured, **more: Any) -> Row:
    return {
        "week": week,
        "recommender": name,
        "slice": slice_,
        "metric": metric,
        "against": against,
        **asdict(found),
        "withheld": False,
        **more,
    }


def chosen(days: Mapping[str, Lists], rungs: Sequence[Rung]) -> Choice:
    """Which recommender to take, from the lists as they are."""
    aps = {
        rung.name: [
            numbers(lists[AS_IS, rung.name], "ap") for lists in days.values() if (AS_IS, rung.name) in lists
        ]
        for rung in rungs
    }
    return choose(aps, [rung.name for rung in rungs if rung.baseline], to_take(rungs))


def with_choice(rows: Iterable[Row], choice: Choice, rungs: Sequence[Rung]) -> list[Row]:
    """The rows with what is taken and why, and which ones are the baselines."""
    plain = {rung.name for rung in rungs if rung.baseline}
    return [
        {
            **row,
            "shipped": row["recommender"] == choice.name,
            "why": choice.why,
            "baseline": row["recommender"] in plain,
        }
        for row in rows
    ]
