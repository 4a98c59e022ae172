"""Who fails is not published unless somebody signs, for this model and these failures only."""

from dataclasses import asdict, replace

from hm_assets.profiles.passport.criteria import criteria
from hm_assets.profiles.passport.gate import Signature, failed_keys, gate
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
    fewer = replace(SOUND, sizes={3: 39, 7: 61})
    assert gate(criteria(fewer), "v1", NAMES, SIGNED).is_open


def test_nothing_is_printed_of_a_signature_that_is_not_needed():
    assert gate(criteria(SOUND), "v1", NAMES, SIGNED).banner == ""


def test_a_signature_survives_json():
    assert Signature.from_json(asdict(SIGNED)) == SIGNED
