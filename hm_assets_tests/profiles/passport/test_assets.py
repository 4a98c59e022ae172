"""Whose signature counts, and of which month's customers a segment is sought again."""

import datetime as dt
from dataclasses import asdict, replace

import pytest

from hm_assets.profiles.passport.assets import PASSPORTS, Sign, _jaccards, _signature
from hm_assets.profiles.passport.criteria import criteria
from hm_assets.profiles.passport.gate import Signature, failed_keys
from hm_assets.segments.lab.effort import EFFORTS
from hm_assets.warehouse import artifacts
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets_tests.profiles.passport.test_criteria import MODEL
from hm_assets_tests.profiles.passport.test_gate import SIGNED, WIDE

JULY, AUGUST, SEPTEMBER = (dt.date(2020, month, 1) for month in (7, 8, 9))
FOUND = criteria(WIDE)


def store(warehouse, month: dt.date, signature: Signature | None) -> None:
    path = artifacts.path_of(warehouse, PASSPORTS.path, month.isoformat())
    artifacts.write_json(path, {"signature": signature and asdict(signature)})


def signature(warehouse, month=AUGUST, **config) -> Signature | None:
    return _signature(Sign(**config), FOUND, "v1", warehouse, month)


def test_a_signature_is_of_these_failures_of_this_model(tmp_path):
    found = signature(tmp_path, signed_by=" Ada ", because="the mailing\n")
    assert found == Signature("Ada", "the mailing", "v1", failed_keys(FOUND))


@pytest.mark.parametrize(
    "given",
    [
        {"signed_by": "Ada"},
        {"because": "the mailing"},
        {"signed_by": "  ", "because": "the mailing"},
        {"signed_by": "Ada", "because": " "},
        {"signed_by": "  ", "because": " "},
        {"signed_by": "", "because": ""},
    ],
)
def test_a_signature_needs_a_name_and_a_reason(tmp_path, given):
    with pytest.raises(HmAssetsError, match="both `signed_by` and `because`"):
        signature(tmp_path, **given)


def test_the_newest_signature_of_the_same_or_an_earlier_month_counts(tmp_path):
    assert signature(tmp_path) is None
    for month in (SEPTEMBER, JULY):
        store(tmp_path, month, replace(SIGNED, by=f"{month:%B}"))
    assert signature(tmp_path).by == "July"
    store(tmp_path, AUGUST, replace(SIGNED, by="August"))
    assert signature(tmp_path).by == "August"


def test_a_withdrawn_signature_is_gone_and_none_before_it_comes_back(tmp_path):
    for month in (JULY, AUGUST):
        store(tmp_path, month, SIGNED)
    assert signature(tmp_path, withdraw=True) is None
    store(tmp_path, AUGUST, None)
    assert signature(tmp_path) is None
    assert signature(tmp_path, SEPTEMBER) is None


def test_nobody_signs_and_withdraws_at_once(tmp_path):
    with pytest.raises(HmAssetsError, match="set one of the two"):
        signature(tmp_path, signed_by="Ada", because="the mailing", withdraw=True)


class Asked(Exception):
    """The month that was read."""


@pytest.mark.parametrize(("month", "read"), [(JULY, JULY), (AUGUST, AUGUST), (SEPTEMBER, AUGUST)])
def test_a_segment_is_sought_among_the_customers_of_training_or_of_before(month, read):
    def load(asked, columns, most):
        raise Asked(asked)

    trained = replace(MODEL, trained_as_of=dt.date(2020, 8, 22))
    candidate = {"algorithm": "kmeans", "space": "rfm", "k": 2}
    with pytest.raises(Asked) as found:
        _jaccards(trained, candidate, month, EFFORTS["quick"], load, None)
    assert found.value.args == (read,)
