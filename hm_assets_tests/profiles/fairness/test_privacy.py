"""Nothing leaves that is told of fewer than twenty people."""

import json

import numpy as np
import pytest

from hm_assets.profiles.ages import BANDS
from hm_assets.profiles.fairness.privacy import (
    K,
    rounded,
    sayable,
    segments_withheld,
    withheld,
    without,
)


def row(
    fact: str, value: float, kind: str = "demographic", unit: str = "share", segment: int = 1, **more
) -> dict:
    figures = {"value": value, "low": 0.1, "high": 0.9, "base": 0.5, "index_to_base": 90.0, "effect": 0.1}
    return {"segment_id": segment, "kind": kind, "fact": fact, "unit": unit, **figures, **more}


def shares(fact: str, people: dict[int, tuple[int, int]], kind: str = "engagement") -> list[dict]:
    """A share of persons in each segment: segment -> (those who are it, customers)."""
    base = sum(part for part, _ in people.values()) / sum(n for _, n in people.values())
    return [
        each
        for i, (part, n) in people.items()
        for each in month(n, row(fact, part / n, kind, segment=i, base=base), segment=i)
    ]


def month(customers: int, *rows: dict, segment: int = 1) -> list[dict]:
    return [row("customers", float(customers), "size", "customers", segment), *rows]


def names(rows) -> set[str]:
    return {fact for _, _, fact in withheld(rows)}


@pytest.mark.parametrize(
    ("people", "small"),
    [(0, False), (1, True), (19, True), (20, False), (980, False), (981, True), (1000, False)],
)
def test_a_share_of_persons_is_withheld_where_it_or_its_rest_is_of_too_few(people, small):
    rows = month(1_000, row("age_50_plus", people / 1_000))
    assert (names(rows) == {"age_50_plus"}) == small


def test_what_is_no_share_of_persons_stays():
    rows = month(
        1_000,
        row("online_share", 0.001, "behaviour"),
        row("age", 31.0, unit="years"),
        row("Bikini", 0.001, "category"),
    )
    assert withheld(rows) == set()


@pytest.mark.parametrize("fact", ["bought_365d", "bought_once"])
def test_whether_they_bought_counts_persons_too(fact):
    assert names(month(1_000, row(fact, 0.005, "behaviour"))) == {fact}


def test_a_segment_of_too_few_keeps_its_size_and_nothing_else():
    small = month(K - 1, row("age", 31.0, unit="years"), row("orders", 3.0, "behaviour", "orders"))
    assert withheld(small) == {(1, "demographic", "age"), (1, "behaviour", "orders")}
    assert names(month(K, row("age", 31.0, unit="years"))) == set()


@pytest.mark.parametrize(
    ("people", "gone"),
    [
        ({1: (13, 84), 2: (60, 168), 3: (80, 168)}, {1, 2}),
        # The rest counts as the part does: here it is what the next smallest has fewest of.
        ({1: (884, 888), 2: (400, 800), 3: (700, 800)}, {1, 3}),
        # Nobody is a number that helps to subtract.
        ({1: (985, 1000), 2: (0, 500)}, {1, 2}),
        # Two that are eight together are told of by their sum.
        ({1: (3, 100), 2: (5, 100), 3: (40, 100), 4: (50, 100)}, {1, 2, 3}),
        # Two that are forty together are not.
        ({1: (19, 100), 2: (18, 100), 3: (40, 100)}, {1, 2}),
        ({1: (30, 100), 2: (60, 100)}, set()),
        # One in the whole base: no segment says anything, and so none says the base.
        ({1: (1, 2000), 2: (0, 1972)}, {1, 2}),
        ({1: (1352, 1364), 2: (500, 500)}, {1, 2}),
    ],
)
def test_what_would_come_back_by_subtraction_is_withheld_too(people, gone):
    rows = shares("fashion_news", people)
    assert {segment for segment, _, _ in withheld(rows)} == gone


def test_who_has_not_bought_is_in_no_base_and_hides_nothing():
    rows = [*shares("fashion_news", {1: (50, 100), 2: (60, 100)}), *shares("fashion_news", {0: (3, 100)})]
    for each in rows:
        each["base"] = 0.55
    assert {segment for segment, _, _ in withheld(rows)} == {0}


@pytest.mark.parametrize(
    ("facts", "gone"),
    [
        (dict(zip(BANDS, (0.01, 0.2, 0.35, 0.44), strict=True)), {"age_under_25", "age_25_34"}),
        ({"club_active": 0.7, "club_pre_create": 0.29, "club_left": 0.01}, {"club_left", "club_pre_create"}),
    ],
)
def test_a_part_of_a_whole_is_withheld_with_another(facts, gone):
    assert names(month(1_000, *(row(fact, value, base=None) for fact, value in facts.items()))) == gone


def test_a_second_part_of_one_segment_is_withheld_in_a_second_segment_too():
    taken = {
        1: dict(zip(BANDS, (10, 100, 400, 490), strict=True)),
        2: dict(zip(BANDS, (100, 200, 300, 400), strict=True)),
        3: dict(zip(BANDS, (300, 300, 200, 200), strict=True)),
    }
    rows = [
        each
        for band in BANDS
        for each in shares(band, {i: (of[band], 1_000) for i, of in taken.items()}, "demographic")
    ]
    gone = withheld(rows)
    assert (1, "demographic", "age_under_25") in gone
    for i in taken:
        assert len({fact for segment, _, fact in gone if segment == i}) != 1
    for band in BANDS:
        assert len({segment for segment, _, fact in gone if fact == band}) != 1


def test_sums_of_bands_and_segments_together_name_nobody():
    """The five youngest of segment 6: every sum alone leaves them open, all of them together did not."""
    counts = {
        1: (24, 110, 47, 127),
        2: (35, 537, 49, 153),
        3: (20, 559, 177, 85),
        4: (11, 427, 202, 183),
        5: (0, 38, 44, 214),
        6: (5, 98, 69, 83),
    }
    rows = [
        each
        for place, band in enumerate(BANDS)
        for each in shares(band, {i: (of[place], sum(of)) for i, of in counts.items()}, "demographic")
    ]
    hidden = sorted((i, fact) for i, _, fact in withheld(rows))
    assert len(hidden) < 4 * len(counts)
    sums = [[float(i == each) for i, _ in hidden] for each in counts]
    sums += [[float(band == each) for _, band in hidden] for each in BANDS]
    for place, (i, band) in enumerate(hidden):
        if 0 < counts[i][list(BANDS).index(band)] < K:
            alone = np.eye(len(hidden))[place]
            assert np.linalg.matrix_rank([*sums, alone]) > np.linalg.matrix_rank(sums)


def test_a_figure_of_a_few_of_a_large_segment_is_withheld():
    def gaps(customers: int) -> list[dict]:
        return month(168, row("gap_days", 18.5, "behaviour", "days", customers=customers, base=None))

    assert names(gaps(12)) == {"gap_days"}
    assert names(gaps(K)) == names(gaps(0)) == set()
    known = row("club_active", 0.5, "engagement", customers=30, base=None)
    assert names(month(168, known)) == {"club_active"}


def test_what_is_withheld_has_no_figure_left_and_says_so():
    rows = month(1_000, row("age_50_plus", 0.01), row("fashion_news", 0.4, "engagement"))
    told = {each["fact"]: each for each in without(rows, withheld(rows))}
    assert [told["age_50_plus"][name] for name in ("value", "low", "high", "base", "index_to_base")] == [
        None
    ] * 5
    assert (told["age_50_plus"]["withheld"], told["fashion_news"]["withheld"]) == (True, False)
    assert told["fashion_news"]["value"] == 0.4


def test_a_sentence_that_rests_on_a_withheld_figure_is_not_said():
    def sentence(fact: str) -> dict:
        pieces = [["Many are old: ", None, None, "value"], ["1 %", "demographic", fact, "value"]]
        return {"segment_id": 1, "pieces": json.dumps(pieces)}

    words = [sentence("age_50_plus"), sentence("age_25_34")]
    assert sayable(words, {(1, "demographic", "age_50_plus")}) == words[1:]
    assert sayable(words, {(2, "demographic", "age_50_plus")}) == words


def test_a_rounded_number_of_few_is_none_and_of_more_leaves_a_range_of_twenty():
    assert {rounded(n) for n in range(K)} == {None}
    assert [rounded(n) for n in (20, 29, 30, 49, 50, 1_371_980)] == [20, 20, 40, 40, 60, 1_371_980]
    assert all(abs((rounded(n) or 0) - n) <= K / 2 for n in range(K, 200))


def test_sums_and_rounded_flows_tell_no_flow_of_few():
    """Whatever the sizes before and after say of a small flow, another number of people fits them as well."""
    rng = np.random.default_rng(0)
    for _ in range(200):
        flows = rng.integers(0, 5, (4, 4)) * rng.integers(0, 9, (4, 4)) + np.diag(rng.integers(60, 300, 4))
        least, most = np.zeros((4, 4)), np.full((4, 4), K - 1.0)
        for pair, many in np.ndenumerate(flows):
            if told := rounded(int(many)):
                least[pair], most[pair] = max(K, told - K / 2), told + K / 2 - 1
        # A turn around four cells keeps all sums.
        for a, b in np.argwhere((flows > 0) & (flows < K)):
            assert any(
                all(
                    least[cell] <= flows[cell] + sign <= most[cell]
                    for cell, sign in (((a, b), way), ((a, d), -way), ((c, b), -way), ((c, d), way))
                )
                for way in (-1, 1)
                for c in range(4)
                for d in range(4)
                if c != a and d != b
            )


def test_a_small_segment_takes_the_next_smallest_with_it():
    assert segments_withheld({1: 500, 2: 30, 3: 19}) == {2, 3}
    assert segments_withheld({1: 500, 2: 30, 3: 20}) == set()
