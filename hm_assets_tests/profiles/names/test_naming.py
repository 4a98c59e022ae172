"""Every word of a name holds on the data, and no two segments share a name."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.profiles import names
from hm_assets.profiles.names import Middle
from hm_assets.segments.tables import NO_PURCHASE
from hm_assets_tests.profiles.customers import columns

CUSTOMER = st.tuples(
    st.integers(0, 7),  # segment, 0 = no purchase yet
    st.sampled_from([0, 3, 30, 80, 91, 200, 700]),  # recency
    st.sampled_from([1, 2, 5, 12, 40]),  # purchase days
    st.integers(1, 4),  # items per order
    st.sampled_from([0.0, 0.02, 0.1, 1.0, 3000.0]),  # spend
)
BASES = st.lists(CUSTOMER, min_size=1, max_size=40)


def based_on(customers):
    segment, recency, days, per_order, spend = (np.array(value) for value in zip(*customers, strict=True))
    return columns(
        segment, recency_days=recency, purchase_days=days, orders=days, items=days * per_order, spend=spend
    )


def blocks(*groups: tuple[float, float, float, float], each: int = 10):
    """Segments 1, 2, ... of equal customers: recency, purchase days, items per order, spend."""
    return based_on([(i, *group) for i, group in enumerate(groups, 1) for _ in range(each)])


def figure(found, segment: int, name: str) -> float:
    mine = found["segment_id"] == segment
    if name == "basket":
        return float(found["items"][mine].sum() / found["orders"][mine].sum())
    return float(np.median(found[name][mine]))


def third(found, name: str, level: float) -> float:
    return float(np.quantile(found[name][found["segment_id"] != NO_PURCHASE], level))


LOW, HIGH, TOP = 1 / 3, 2 / 3, 0.9
HOLDS = {
    "Recent": lambda f, s: figure(f, s, "recency_days") <= min(third(f, "recency_days", LOW), 90),
    "Quieter": lambda f, s: figure(f, s, "recency_days") > min(third(f, "recency_days", LOW), 90),
    "Lapsed": lambda f, s: figure(f, s, "recency_days") > max(third(f, "recency_days", HIGH), 90),
    "one-time": lambda f, s: figure(f, s, "purchase_days") <= 1,
    "occasional": lambda f, s: 1 < figure(f, s, "purchase_days") <= third(f, "purchase_days", LOW),
    "regular": lambda f, s: (
        third(f, "purchase_days", LOW) < figure(f, s, "purchase_days") <= third(f, "purchase_days", HIGH)
    ),
    "frequent": lambda f, s: figure(f, s, "purchase_days") > max(1, third(f, "purchase_days", HIGH)),
    "low-spend": lambda f, s: figure(f, s, "spend") <= third(f, "spend", LOW) < third(f, "spend", HIGH),
    "mid-spend": lambda f, s: figure(f, s, "spend") <= third(f, "spend", HIGH),
    "high-spend": lambda f, s: figure(f, s, "spend") > third(f, "spend", HIGH),
    "top-spend": lambda f, s: figure(f, s, "spend") > third(f, "spend", TOP),
}
# The figure that a comparison speaks of, and whether the segment has more of it than its namesake.
COMPARISONS = {
    "more recently": ("recency_days", False),
    "longer ago": ("recency_days", True),
    "less often": ("purchase_days", False),
    "more often": ("purchase_days", True),
    "smaller baskets": ("basket", False),
    "larger baskets": ("basket", True),
}


def split(name: str) -> tuple[list[str], str | None]:
    match = re.fullmatch(r"([^()]+?)(?: \((.+)\))?", name)
    assert match is not None
    return match[1].split(", "), match[2]


@given(BASES)
@settings(max_examples=150)
def test_every_word_holds(customers):
    found = based_on(customers)
    named = names.names_of(found)
    assert named.keys() == set(found["segment_id"].tolist())
    for segment, name in named.items():
        if segment == NO_PURCHASE:
            continue
        words, suffix = split(name)
        assert len(words) == 3
        for word in words:
            assert HOLDS[word](found, segment), (name, word)
        namesakes = [i for i in named if i not in (segment, NO_PURCHASE) and split(named[i])[0] == words]
        assert (suffix is not None) == bool(namesakes)
        if suffix in COMPARISONS:
            of, more = COMPARISONS[suffix]
            mine = figure(found, segment, of)
            assert all((figure(found, other, of) < mine) == more for other in namesakes)


@given(BASES)
@settings(max_examples=100)
def test_names_are_unique_and_short(customers):
    named = names.names_of(based_on(customers))
    assert len(set(named.values())) == len(named)
    assert all(len(name) <= 60 for name in named.values())


@given(BASES, st.permutations(range(1, 8)), st.randoms(use_true_random=False))
@settings(max_examples=80)
def test_another_numbering_of_segments_and_another_order_of_rows_give_the_same_names(customers, ids, random):
    renamed = [(ids[row[0] - 1] if row[0] else 0, *row[1:]) for row in customers]
    before = names.names_of(based_on(customers))
    after = names.names_of(based_on(random.sample(renamed, len(renamed))))
    for segment, name in before.items():
        if "twin" not in name:
            assert after[ids[segment - 1] if segment else 0] == name
    assert sorted(before.values()) == sorted(after.values())


def test_who_bought_three_weeks_ago_has_not_lapsed_even_at_a_weekly_grocer():
    named = names.names_of(blocks((1, 92, 12, 3318), (10, 48, 12, 1741), (22, 16, 9, 417), (81, 3, 7, 64)))
    assert [split(name)[0][0] for name in named.values()] == ["Recent", "Recent", "Quieter", "Quieter"]


def test_where_everybody_left_long_ago_nobody_is_recent():
    named = names.names_of(blocks((400, 5, 2, 1.0), (500, 5, 2, 1.0), (700, 5, 2, 1.0)))
    assert [split(name)[0][0] for name in named.values()] == ["Quieter", "Quieter", "Lapsed"]


@pytest.mark.parametrize(
    ("one", "other", "suffixes"),
    [
        ((460, 1, 2, 0.04), (450, 1, 1, 0.015), ("larger baskets", "smaller baskets")),
        ((460, 1, 2, 0.04), (200, 1, 2, 0.04), ("longer ago", "more recently")),
        ((460, 1, 2, 0.04), (440, 1, 2, 0.04), ("last bought 460 days ago", "last bought 440 days ago")),
        ((460, 1, 2, 0.04), (460, 1, 2, 0.03), ("spent 0.04", "spent 0.03")),
        ((460, 1, 2, 0.04), (460, 1, 2, 0.04), ("twin 1", "twin 2")),
    ],
)
def test_namesakes_are_told_apart_by_a_comparison_and_by_a_figure_only_where_none_is_clear(
    one, other, suffixes
):
    rest = [(5, 30, 3, 3.0), (30, 20, 3, 2.0), (30, 10, 3, 1.0), (10, 5, 3, 0.5), (10, 5, 3, 0.5)]
    found = blocks(one, other, *rest)
    named = names.names_of(found)
    assert split(named[1])[0] == split(named[2])[0] == ["Lapsed", "one-time", "low-spend"]
    assert (split(named[1])[1], split(named[2])[1]) == suffixes


def test_of_three_namesakes_the_middle_one_is_in_between_and_more_get_figures():
    def group(*recencies: float) -> dict[int, Middle]:
        return {i: Middle(days, 5.0, 1.0, 2.0, 10) for i, days in enumerate(recencies)}

    assert names.suffixes(group(200, 100, 400)) == {1: "more recently", 0: "in between", 2: "longer ago"}
    assert names.suffixes(group(100, 200, 400, 800))[3] == "last bought 800 days ago"


def test_a_month_without_buyers_has_one_name():
    assert names.names_of(columns([0, 0])) == {NO_PURCHASE: names.NO_PURCHASE_NAME}
