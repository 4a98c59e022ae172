"""Chances of the age bands, checked against counted customers."""

import datetime as dt

import pytest

from hm_assets.profiles.fairness.parity import rows_of

BASE = {"age_under_25": 0.3, "age_25_34": 0.3, "age_35_49": 0.2, "age_50_plus": 0.2}


def month(shares: dict[str, float], customers: int = 10_000, half: float = 0.01) -> list[dict]:
    head = {
        "as_of": dt.date(2020, 9, 22),
        "month": dt.date(2020, 9, 1),
        "segment_id": 3,
        "segment_name": "Lapsed",
    }
    size = {"kind": "size", "fact": "customers", "unit": "customers", "value": float(customers)}
    plain = {"low": None, "high": None, "base": None, "index_to_base": None, "effect": None}
    bands = [
        {**head, **plain, "kind": "demographic", "fact": band, "unit": "share",
         "value": share, "low": share - half, "high": share + half, "base": BASE[band]}
        for band, share in shares.items()
    ]  # fmt: skip
    return [{**head, **plain, **size}, *bands]


def test_the_parity_is_the_ratio_of_the_chances_to_be_in_the_segment():
    """Of 1,000 customers per band 100, 150, 200 and 400 are in the segment: the chances differ by four."""
    base = dict.fromkeys(BASE, 0.25)
    taken = dict(zip(BASE, (100, 150, 200, 400), strict=True))
    shares = {band: count / sum(taken.values()) for band, count in taken.items()}
    rows = month(shares, customers=sum(taken.values()))
    for row in rows[1:]:
        row["base"] = base[row["fact"]]
    found = rows_of(rows)
    assert [row["parity"] for row in found] == pytest.approx([100 / 400] * 4)
    assert [row["ratio"] for row in found] == pytest.approx([count * 4 / 850 for count in taken.values()])


def test_alike_is_said_to_be_alike():
    (words,) = {row["verdict"] for row in rows_of(month(BASE))}
    assert words == "All age bands are served alike: the lowest chance is 100 % of the highest."


@pytest.mark.parametrize(("half", "allowed"), [(0.01, False), (0.12, True)])
def test_a_band_that_is_less_likely_is_named_and_so_is_doubt(half, allowed):
    shares = {**BASE, "age_50_plus": 0.1, "age_under_25": 0.4}
    (words,) = {row["verdict"] for row in rows_of(month(shares, half=half))}
    assert words.startswith("WARN: customers of 50 years and over are 37 % as likely as those under 25 years")
    assert ("though the intervals allow for less" in words) == allowed


@pytest.mark.parametrize("people", [1, 15, 19])
def test_an_age_that_is_kept_out_warns_though_its_figure_is_withheld(people):
    left = (1 - people / 4_000) / (1 - BASE["age_under_25"])
    shares = {band: share * left for band, share in BASE.items()} | {"age_under_25": people / 4_000}
    rows = rows_of(month(shares, customers=4_000))
    assert {row["age_band"]: row["ratio"] for row in rows}["age_under_25"] is None
    assert {row["parity"] for row in rows} == {None}
    (words,) = {row["verdict"] for row in rows}
    assert words.startswith("WARN: customers under 25 years are less than 80 % as likely as the likeliest")


def test_everybody_but_a_few_of_one_age_warns():
    rows = rows_of(
        month({"age_under_25": 0.995, "age_25_34": 0.005, "age_35_49": 0.0, "age_50_plus": 0.0}, 1_000)
    )
    assert {row["verdict"][:5] for row in rows} == {"WARN:"}


def test_a_band_of_few_that_may_be_as_likely_as_others_is_left_out_and_that_is_said():
    base = {"age_under_25": 0.022, "age_25_34": 0.3, "age_35_49": 0.3, "age_50_plus": 0.378}
    rows = month({**base, "age_under_25": 0.018, "age_50_plus": 0.382}, customers=1_000)
    for row in rows[1:]:
        row["base"] = base[row["fact"]]
    (words,) = {row["verdict"] for row in rows_of(rows)}
    assert words.startswith("Of the bands that can be told, all are served alike")


def test_who_has_not_bought_is_no_segment_to_address():
    rows = [{**row, "segment_id": 0} for row in month({**BASE, "age_50_plus": 0.1, "age_under_25": 0.4})]
    assert rows_of(rows) == []


def test_who_is_too_few_to_tell_of_says_so():
    rows = rows_of(month(BASE, customers=19))
    assert {row["ratio"] for row in rows} == {None}
    assert {row["verdict"] for row in rows} == {
        "Not measured: fewer than two age bands hold enough customers."
    }
