"""What passes, warns and fails: only what makes segments unusable fails."""

from dataclasses import replace

import numpy as np
import pytest

from hm_assets.profiles.passport.criteria import (
    FAIL,
    NOT_MEASURED,
    PASS,
    WARN,
    WEAK,
    Criterion,
    Evidence,
    criteria,
)
from hm_assets.profiles.passport.evidence import Measured
from hm_assets.segments.models import Tree
from hm_assets_tests.segments.customers import champion

MODEL = replace(
    champion([[0, 0, 0], [1, 1, 1]], ids=[3, 7]),
    decision={"headline": "kmeans with 2 segments", "structure": True, "evidence": "structure: p = 0.025"},
)
CANDIDATE = {
    "silhouette": 0.5, "silhouette_low": 0.48, "silhouette_high": 0.52,
    "centroid_silhouette": 0.6, "null_silhouette": 0.4,
}  # fmt: skip


def both(value: float, low: float | None = None, high: float | None = None) -> dict[int, Measured]:
    return {3: Measured(value, low, high), 7: Measured(value, low, high)}


SOUND = Evidence(
    champion=MODEL,
    candidate=CANDIDATE,
    sizes={3: 60, 7: 90},
    finite=True,
    jaccards=both(0.9, 0.8, 1.0),
    ambiguous=both(0.1),
    kept=both(0.7),
    lifts=both(1.5, 1.2, 1.8),
    reachable=both(0.4),
    imputed=both(0.0),
    agreement={"Ward 2": 0.8, "DBSCAN 2": 0.6},
    parities=both(0.9),
    unseen=(3, 5),
    later=(2, 4),
)


def statuses(evidence: Evidence) -> dict[tuple[int | None, str], str]:
    return {(criterion.segment_id, criterion.name): criterion.status for criterion in criteria(evidence)}


def test_what_meets_everything_passes_everything():
    assert set(statuses(SOUND).values()) == {PASS}


def test_what_was_not_measured_says_so_and_never_fails():
    bare = Evidence(champion=MODEL, candidate=None, sizes={3: 60, 7: 90}, finite=True)
    found = criteria(bare)
    assert {c.status for c in found if c.name not in ("share", "finite", "above_null")} == {NOT_MEASURED}
    assert all(c.words.startswith("Not measured: ") for c in found if c.status == NOT_MEASURED)


@pytest.mark.parametrize(
    ("sizes", "failing"),
    [({3: 39, 7: 61}, {7}), ({3: 40, 7: 60}, set()), ({3: 0, 7: 100}, {3, 7}), ({3: 4, 7: 96}, {3, 7})],
)
def test_a_share_outside_5_to_60_per_cent_fails_and_its_bounds_pass(sizes, failing):
    found = statuses(replace(SOUND, sizes=sizes))
    assert {number for number in (3, 7) if found[number, "share"] == FAIL} == failing


def test_a_segment_that_nobody_is_in_fails_and_is_called_empty():
    (empty,) = [
        c for c in criteria(replace(SOUND, sizes={7: 100})) if c.name == "share" and c.segment_id == 3
    ]
    assert (empty.status, empty.blocking, empty.words) == (FAIL, True, "Nobody is in it.")


def test_a_model_with_a_number_that_is_none_fails():
    assert statuses(replace(SOUND, finite=False))[None, "finite"] == FAIL


@pytest.mark.parametrize(
    ("headline", "structure", "status"),
    [
        ("kmeans with 2 segments", True, PASS),
        ("grid; no structure found", False, WARN),
        ("kmeans with 2 segments", False, FAIL),
    ],
)
def test_groups_without_structure_must_be_labelled_as_such(headline, structure, status):
    decision = {"headline": headline, "structure": structure}
    found = statuses(replace(SOUND, champion=replace(MODEL, decision=decision)))
    assert found[None, "above_null"] == status


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"candidate": {**CANDIDATE, "silhouette": 0.39}}, "silhouette"),
        ({"agreement": {"Ward 2": 0.4}}, "agreement"),
        ({"unseen": (0, 5)}, "unseen"),
        ({"later": (0, 4)}, "later"),
        ({"parities": both(0.79)}, "parity"),
        ({"jaccards": both(0.74)}, "stability"),
        ({"ambiguous": both(0.21)}, "ambiguous"),
        ({"kept": both(0.49)}, "kept"),
        ({"lifts": both(1.1, 0.9, 1.3)}, "lift"),
        ({"reachable": both(0.09)}, "reachable"),
        ({"imputed": both(0.06)}, "imputed"),
    ],
)
def test_a_weakness_warns_and_blocks_nothing(change, name):
    before, after = statuses(SOUND), statuses(replace(SOUND, **change))
    assert {key[1] for key in after if after[key] != before[key]} == {name}
    assert set(after.values()) == {PASS, WARN}


def words(evidence: Evidence, name: str) -> dict[int | None, str]:
    return {c.segment_id: c.words for c in criteria(evidence) if c.name == name}


def test_later_spend_that_is_not_there_says_which_segment_lacks_it_and_why():
    some = replace(SOUND, lifts={3: Measured(1.5, 1.2, 1.8), 7: "no segment of 2020-06-22 goes on in it"})
    assert words(some, "lift")[7] == "Not measured: no segment of 2020-06-22 goes on in it."
    assert "90 days of lines after it" in words(replace(SOUND, lifts={}), "lift")[7]


def test_nobody_is_on_the_border_of_a_tree_and_that_is_not_measured():
    leaf = Tree(np.array([-1]), np.zeros(1), np.array([-1]), np.array([-1]), np.array([[0.5, 0.5]]))
    found = statuses(replace(SOUND, champion=replace(MODEL, model=leaf), ambiguous=both(0.0)))
    assert found[3, "ambiguous"] == NOT_MEASURED


def test_facts_that_could_not_be_tested_are_no_missing_day():
    assert (
        "no fact that the clustering never saw could be tested"
        in words(replace(SOUND, unseen=(0, 0)), "unseen")[None]
    )


def test_each_criterion_has_a_phrase_for_when_it_is_not_met():
    assert {c.name for c in criteria(SOUND)} == set(WEAK)


def test_a_band_that_may_not_be_told_warns_in_words():
    found = criteria(replace(SOUND, parities={}, excluded={3: "Nobody young."}))
    said = {c.segment_id: (c.status, c.measured, c.words) for c in found if c.name == "parity"}
    assert said[3] == (WARN, None, "Nobody young.")
    assert said[7][0] == NOT_MEASURED


def test_a_criterion_survives_its_row():
    for criterion in criteria(SOUND):
        measured = criterion.measured
        row = {
            "segment_id": criterion.segment_id, "criterion": criterion.name, "title": criterion.title,
            "status": criterion.status, "threshold": criterion.threshold, "words": criterion.words,
            "blocking": criterion.blocking, "value": measured and measured.value,
            "low": measured and measured.low, "high": measured and measured.high,
        }  # fmt: skip
        assert Criterion.from_row(row) == criterion
