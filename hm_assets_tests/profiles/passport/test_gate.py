"""Who fails is not published unless somebody signs, for this model and these failures only."""

from dataclasses import asdict, replace

import pytest

from hm_assets.profiles.passport.criteria import FAIL, Criterion, criteria
from hm_assets.profiles.passport.gate import Signature, banner_of, failed_keys, gate, label_of
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets_tests.profiles.passport.test_criteria import SOUND

NAMES = {3: "Recent, frequent", 7: "Lapsed"}
WIDE = replace(SOUND, sizes={3: 2, 7: 98})
SIGNED = Signature("Ada, CRM", "the Monday mailing cannot wait", "v1", failed_keys(criteria(WIDE)))


def test_without_a_failure_the_gate_is_open_and_nothing_is_printed():
    found = gate(criteria(SOUND), "v1", NAMES)
    assert (found.is_open, found.banner) == (True, "")


def test_a_failure_closes_the_gate_and_says_who_what_and_the_way_out():
    found = gate(criteria(WIDE), "v1", NAMES)
    assert not found.is_open
    assert "“Lapsed”: 98 % of the customers who have bought. Asked for: 5.0 % to 60 %." in found.verdict
    assert "`signed_by`" in found.verdict
    assert "`override` of segments/champion" in found.verdict


def test_a_signature_opens_it_and_is_printed_with_name_and_reason():
    found = gate(criteria(WIDE), "v1", NAMES, SIGNED)
    assert found.is_open
    assert "Signed by Ada, CRM: “the Monday mailing cannot wait”" in found.banner
    assert found.as_json()["banner"] == found.banner


def test_a_signature_counts_for_no_other_model():
    assert not gate(criteria(WIDE), "v2", NAMES, SIGNED).is_open


def test_a_signature_counts_for_no_new_failure_and_for_fewer():
    more = replace(WIDE, finite=False)
    assert not gate(criteria(more), "v1", NAMES, SIGNED).is_open
    both = replace(SIGNED, failures=failed_keys(criteria(more)))
    assert gate(criteria(WIDE), "v1", NAMES, both).is_open


@pytest.mark.parametrize(
    ("sizes", "is_open"),
    [
        ({3: 2, 7: 98}, True),
        ({3: 1, 7: 99}, True),
        ({3: 4, 7: 96}, False),
        ({3: 1, 7: 999}, False),
        ({3: 0, 7: 100}, False),
    ],
)
def test_a_signature_counts_for_about_the_figure_it_was_given_for(sizes, is_open):
    assert gate(criteria(replace(SOUND, sizes=sizes)), "v1", NAMES, SIGNED).is_open == is_open


def test_a_signature_for_62_per_cent_opens_nothing_at_94():
    before, after = (criteria(replace(SOUND, sizes={3: 100 - n, 7: n})) for n in (62, 94))
    signed = replace(SIGNED, failures=failed_keys(before))
    assert gate(before, "v1", NAMES, signed).is_open
    assert not gate(after, "v1", NAMES, signed).is_open


def test_what_fails_without_blocking_closes_nothing():
    weak = Criterion(3, "kept", "Still members", FAIL, None, "half", "Hardly anybody stayed.", blocking=False)
    assert gate([weak], "v1", NAMES).is_open
    assert failed_keys([weak]) == ()


def test_what_publishes_is_refused_at_a_closed_gate_and_what_explains_is_told():
    closed, signed, sound = (
        {**gate(found, "v1", NAMES, signature).as_json(), "profiles": "p1"}
        for found, signature in ((criteria(WIDE), None), (criteria(WIDE), SIGNED), (criteria(SOUND), None))
    )
    with pytest.raises(
        HmAssetsError, match=r"playbooks/playbooks, 2020-09: .* closed.*“Lapsed”: 98 %.*`signed_by`"
    ):
        banner_of("playbooks/playbooks", "2020-09", closed, "v1", "p1")
    assert label_of(closed) == closed["verdict"]
    for verdict in (signed, sound):
        banner = banner_of("playbooks/playbooks", "2020-09", verdict, "v1", "p1")
        assert banner == label_of(verdict) == verdict["banner"]


def test_a_verdict_about_another_champion_or_other_profiles_publishes_nothing():
    sound = {**gate(criteria(SOUND), "v1", NAMES).as_json(), "profiles": "p1"}
    with pytest.raises(
        HmAssetsError, match=r"about model v1, but the champion is v2: make the passports again"
    ):
        banner_of("playbooks/playbooks", "2020-09", sound, "v2", "p1")
    with pytest.raises(HmAssetsError, match=r"changed after .* judged them: make the passports again"):
        banner_of("playbooks/playbooks", "2020-09", sound, "v1", "p2")


def test_nothing_is_printed_of_a_signature_that_is_not_needed():
    assert gate(criteria(SOUND), "v1", NAMES, SIGNED).banner == ""


def test_a_signature_survives_json():
    assert Signature.from_json(asdict(SIGNED)) == SIGNED
