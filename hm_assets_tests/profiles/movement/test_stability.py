"""Kept, ARI and NMI of months, and refits matched to the champion."""

import datetime as dt

import numpy as np
import pytest

from hm_assets.profiles.movement import refits, stability
from hm_assets.segments.lab.effort import EFFORTS
from hm_assets.segments.measures.stability import adjusted_rand_of
from hm_assets.segments.models import Centres
from hm_assets.segments.people import People
from hm_assets.warehouse.calendar import months_between
from hm_assets_tests.segments.customers import MONTH, champion, groups, load_of

MONTHS = [dt.date(2020, 1, 1), dt.date(2020, 2, 1)]


@pytest.mark.parametrize("seed", range(3))
def test_ari_and_nmi_are_those_of_scikit_learn(seed):
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    rng = np.random.default_rng(seed)
    one = rng.integers(0, 4, 500)
    other = np.where(rng.random(500) < 0.3, rng.integers(0, 3, 500), one % 3)
    both = np.bincount(one * 3 + other, minlength=12).reshape(4, 3).astype(float)
    assert adjusted_rand_of(both) == pytest.approx(adjusted_rand_score(one, other))
    assert stability.normalised_mutual_information(both) == pytest.approx(
        normalized_mutual_info_score(one, other)
    )


def test_a_pair_of_months_by_hand():
    pairs = np.array([[[5, 3, 0], [0, 6, 4], [0, 2, 10]]])
    everybody, one, two = stability.frozen([0, 1, 2], pairs, MONTHS)
    assert (everybody["customers_before"], everybody["customers_after"], everybody["net_flow"]) == (22, 25, 3)
    assert everybody["kept"] == 16 / 22
    assert (one["customers_before"], one["customers_after"], one["kept"]) == (10, 11, 0.6)
    assert (two["net_flow"], two["kept"]) == (2, 10 / 12)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("pairs", [[[9, 0], [0, 0]], [[4, 5], [0, 0]], [[0, 0], [0, 7]]])
def test_months_without_buyers_or_with_one_segment_have_gaps_or_agree(pairs):
    everybody, one = stability.frozen([0, 1], np.array([pairs]), MONTHS)
    if pairs[1][1]:
        assert (everybody["kept"], everybody["ari"], everybody["nmi"], one["kept"]) == (1.0, 1.0, 1.0, 1.0)
    else:
        assert everybody["kept"] is everybody["ari"] is everybody["nmi"] is one["kept"] is None


def test_a_single_month_has_nothing_to_compare():
    assert stability.frozen([0, 1], np.zeros((0, 2, 2), dtype=int), MONTHS[:1]) == []
    assert stability.headline([]) == "There is no earlier month of this champion to compare with"


def test_a_refit_is_matched_one_to_one_whatever_its_numbers():
    both = np.array([[1, 50, 2], [40, 0, 0], [0, 4, 0]])
    everybody, first, second, third = stability.refitted(refits.Refit(MONTH, (1, 2, 3), both))
    assert everybody["kept"] == 90 / 97
    assert (first["customers_before"], first["customers_after"], first["kept"]) == (53, 54, 50 / 53)
    assert (second["kept"], third["kept"]) == (1.0, 0.0)


def test_past_months_are_three_apart_and_never_later():
    known = list(months_between(dt.date(2019, 12, 1), dt.date(2020, 12, 1)))
    assert refits.past_months(MONTH, known, "full") == [
        dt.date(2020, 6, 1),
        dt.date(2020, 3, 1),
        dt.date(2019, 12, 1),
    ]
    assert refits.past_months(MONTH, known, "quick") == [dt.date(2020, 6, 1), dt.date(2020, 3, 1)]


def nothing(people: People) -> np.ndarray:
    raise AssertionError("k-means learns nothing from what came later")


def test_a_refit_on_groups_far_apart_finds_the_champion_again():
    load = load_of(groups(100))
    people = People.of(load, MONTH, "rfm", None)
    centres = np.stack([people.points[i * 100 : i * 100 + 100].mean(axis=0) for i in range(4)])
    # Rows come in the order of their behaviour, and so do the groups.
    crown = champion(centres, (4, 2, 3, 1), people.space)
    (refit,) = refits.refits(crown, load, nothing, [MONTH], EFFORTS["quick"], 1)
    assert isinstance(crown.model, Centres)
    rows = stability.refitted(refit)
    assert rows[0]["ari"] > 0.99
    assert all(row["kept"] > 0.97 for row in rows)


def test_what_cannot_be_fitted_is_a_row_with_the_reason():
    crown = champion([(0, 0, 0), (1, 1, 1)], (1, 2))
    few = load_of(groups(1)[:1])
    (refit,) = refits.refits(crown, few, nothing, [MONTH], EFFORTS["quick"], 1)
    (row,) = stability.refitted(refit)
    assert row["note"] and "ari" not in row
    gone = type(crown)("retired", crown.space, crown.model, (1, 2), 2, crown.trained_as_of, 1)
    (refit,) = refits.refits(gone, few, nothing, [MONTH], EFFORTS["quick"], 1)
    assert refit.refused == "retired in rfm is not in the lab any more"
