"""What clusterings of a past month would have told: fitted several times, each measured on the others' customers."""

import dataclasses

import numpy as np
import pytest

from hm_assets.segments.algorithms.catalogue import Algorithm
from hm_assets.segments.algorithms.centres import kmeans
from hm_assets.segments.fitting import CannotFit
from hm_assets.segments.lab.back_test import FITS, values
from hm_assets.segments.lab.effort import EFFORTS
from hm_assets_tests.segments.customers import MONTH, groups, load_of

CUSTOMERS = groups(60)
EFFORT = dataclasses.replace(EFFORTS["quick"], most_fitted=None)


def spent(people):
    """The more, the less long ago they bought."""
    return 100.0 / people.rows["recency_days"].to_numpy()


def rows(fit=kmeans, customers=CUSTOMERS, most_rows=None, keys=None, seed=42):
    algorithm = Algorithm("mine", lambda _: fit, "rfm", (4,), most_rows, "")
    return list(values(load_of(customers, keys), spent, MONTH, [algorithm], EFFORT, seed))


def test_no_two_fits_share_a_customer_and_together_they_see_everybody():
    seen = []

    def watched(data, k, seed):
        seen.append(data.points)
        return kmeans(data, k, seed)

    found = rows(watched)
    assert [len(points) for points in seen] == [len(CUSTOMERS) / FITS] * FITS
    assert {row["customers"] for row in found} == {len(CUSTOMERS)}
    (mine,) = [row for row in found if (row["algorithm"], row["outcome"]) == ("mine", "log_spend")]
    assert 0.8 < mine["low"] < mine["value"] < mine["high"] < 1.05


def test_a_fit_that_hangs_on_its_customers_has_a_wide_interval():
    """One fit of the four finds nothing: that is how far another sample would be off."""
    calls = iter(range(FITS))

    def moody(data, k, seed):
        return kmeans(data, 4 if next(calls) else 1, seed)

    widths = []
    for fit in (kmeans, moody):
        (mine,) = [row for row in rows(fit) if (row["algorithm"], row["outcome"]) == ("mine", "log_spend")]
        widths.append(mine["high"] - mine["low"])
    assert widths[1] > 5 * widths[0]
    assert widths[1] > 0.5


def test_neither_order_nor_ids_of_the_customers_change_a_figure():
    order = np.random.default_rng(0).permutation(len(CUSTOMERS))
    keys = np.random.default_rng(1).permutation(10_000)[: len(CUSTOMERS)]
    assert rows(customers=CUSTOMERS[order], keys=keys) == rows()


def test_what_is_fitted_on_a_sample_takes_smaller_ones_so_that_all_cost_as_much_as_one():
    seen = []

    def watched(data, k, seed):
        seen.append(len(data))
        return kmeans(data, k, seed)

    rows(watched, most_rows=40)
    assert seen == [20] * FITS


def test_what_cannot_be_fitted_on_each_part_has_no_later_value():
    calls = iter(range(FITS))

    def once_too_few(data, k, seed):
        if next(calls) == 2:
            raise CannotFit("too few")
        return kmeans(data, k, seed)

    assert {row["algorithm"] for row in rows(once_too_few)} == {"recency_quintiles", "monetary_quintiles"}


@pytest.mark.parametrize("customers", [1, 3, 4, 6])
def test_with_a_handful_of_customers_there_is_no_figure_or_a_finite_one(customers):
    for row in rows(customers=CUSTOMERS[:customers]):
        assert np.isfinite([row["value"], row["low"], row["high"]]).all()
