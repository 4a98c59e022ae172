"""Parity of ages against counts by hand, and what is withheld."""

import pytest

from hm_assets.playbooks.audience.parity import parity_of
from hm_assets.playbooks.audience.selection import Reach
from hm_assets.playbooks.audience.wording import count, matched, shared, value_at_stake

BANDS = ("age_under_25", "age_25_34", "age_35_49", "age_50_plus")


def bands(*counts):
    return dict(zip(BANDS, counts, strict=True))


@pytest.mark.parametrize(
    ("chosen", "ratio", "warns", "words"),
    [
        ((100, 100, 100, 100), 1.0, False, "100 %"),
        ((80, 100, 100, 100), 0.8, False, "80 %"),
        ((79, 100, 100, 100), 0.79, True, "customers under 25 are 79 % as likely"),
        ((50, 60, 100, 100), 0.5, True, "under 25 and 25 to 34 are under 80 % as likely"),
        ((0, 100, 100, 100), 0.0, True, "under 25"),
        # Five of 400 tell of too few: no figure, and a warning, for at most nineteen were reached.
        ((5, 100, 100, 100), None, True, "under 25 are under 80 % as likely"),
        # Nineteen of 400 at most, the others 22: that may be alike.
        ((10, 22, 22, 22), None, False, "that can be told are reached alike"),
        ((390, 400, 400, 400), None, False, "that can be told are reached alike"),
        ((3, 0, 0, 2), None, False, "Not measured"),
        ((0, 0, 0, 0), None, False, "Not measured"),
    ],
)
def test_the_lowest_chance_over_the_highest(chosen, ratio, warns, words):
    found = parity_of(bands(400, 400, 400, 400) | {"unknown": 999}, bands(*chosen) | {"unknown": 7})
    assert found.ratio == (None if ratio is None else pytest.approx(ratio))
    assert found.warns is warns and words in found.words


def test_a_band_of_too_few_customers_is_not_judged():
    found = parity_of({"age_under_25": 19, "age_25_34": 100}, {"age_25_34": 50})
    assert [band.name for band in found.bands] == ["25 to 34"] and "Not measured" in found.words


def test_what_tells_of_few_is_not_told():
    parity = parity_of({}, {})
    reach = Reach(4000, 557, 538, {"left_club": 19}, 3.0, 538, parity)
    assert matched(reach) == "about 560 customers", "557 - 538 would tell of the 19"
    assert matched(Reach(4000, 557, 218, {"opted_out": 339}, 3.0, 218, parity)) == "557 customers"
    assert (count(0), count(1), count(19), count(20)) == (
        "no customer",
        "fewer than 20 customers",
        "fewer than 20 customers",
        "20 customers",
    )
    assert "withheld" in value_at_stake(Reach(9, 9, 9, {}, 3.0, 9, parity))
    assert "no forecasts" in value_at_stake(Reach(99, 99, 99, {}, None, 0, parity))
    few = Reach(99, 99, 99, {}, 3.25, 7, parity)
    assert "3.25" not in value_at_stake(few) and "withheld" in value_at_stake(few) and few.value_told is None


def test_the_overlap_withholds_what_gives_fewer_than_twenty_away():
    rows = shared("ABC", [[218, 216, 5], [216, 355, 0], [5, 0, 40]])
    assert rows == [
        ["A", "218", "all but fewer than 20", "under 20"],
        ["B", "about 220", "355", "none"],
        ["C", "under 20", "none", "40"],
    ]
    assert shared("AB", [[100, 40], [40, 80]])[0] == ["A", "100", "40 (40 %)"]
