"""k-means for every number of segments, and the rule that takes one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.segments import clustering
from hm_assets.segments.clustering import LARGEST_SHARE, NEARLY_AS_GOOD, SMALLEST_SHARE, Candidate
from hm_assets.segments.space import Space
from hm_assets_tests.segments.customers import GROUPS, groups


def tried(
    silhouettes: dict[int, float], crumbs: tuple[int, ...] = (), giants: tuple[int, ...] = ()
) -> list[Candidate]:
    """Candidates with these silhouettes by k; those of `crumbs` and `giants` break the share rule."""

    def shares(k: int) -> np.ndarray:
        share = np.full(k, 1 / k)
        if k in crumbs:
            share[:2] += np.array([-1, 1]) * (1 / k - 0.01)
        if k in giants:
            share = np.array([0.7, *[0.3 / (k - 1)] * (k - 1)])
        return share

    return [Candidate(k, np.zeros((k, 3)), shares(k), value) for k, value in silhouettes.items()]


def standardised(values: np.ndarray) -> np.ndarray:
    return Space.fit(values, 0.025).transform(values)


@pytest.mark.parametrize(
    ("shares", "fault"),
    [
        ((0.05, 0.35, 0.60), None),
        ((0.0499, 0.35, 0.6001), "smallest segment below 5%"),
        ((0.06, 0.33, 0.61), "largest segment above 60%"),
        ((1.0, 0.0), "smallest segment below 5%"),
    ],
)
def test_a_segmentation_has_no_crumbs_and_no_catch_all(shares, fault):
    assert Candidate(len(shares), np.zeros((len(shares), 3)), np.array(shares), 0.5).fault == fault


@pytest.mark.parametrize(
    ("silhouettes", "crumbs", "giants", "k"),
    [
        ({2: 0.50, 3: 0.46, 4: 0.44}, (), (), 3),  # the most segments at 90 % of the best
        ({2: 0.43, 3: 0.43, 4: 0.49, 5: 0.57, 6: 0.66, 7: 0.63, 8: 0.56}, (), (), 6),  # a peak beats one more
        ({2: 0.50, 3: 0.36, 4: 0.38, 5: 0.34}, (), (2,), 4),
        ({2: 0.50, 3: 0.39, 4: 0.38, 5: 0.382, 6: 0.34}, (), (2,), 5),  # of two nearly best the peak
        ({2: 0.45, 3: 0.36, 4: 0.34, 5: 0.33, 6: 0.30}, (), (2,), 5),  # no peak: the most
        ({2: 0.3, 3: 0.9, 4: 0.5, 5: 0.4}, (3,), (), 4),  # the best is not admissible
        ({2: 0.3}, (), (), 2),
        ({2: 0.0, 3: 0.0}, (), (), 3),
        ({2: -0.1, 3: -0.2}, (), (), 2),  # nothing is clear: the least unclear
    ],
)
def test_the_clearest_admissible_number_of_segments_is_chosen_and_more_where_about_as_clear(
    silhouettes, crumbs, giants, k
):
    assert clustering.choose(tried(silhouettes, crumbs, giants)).k == k


@given(
    st.dictionaries(st.integers(2, 10), st.floats(-0.2, 0.95), min_size=1),
    st.sets(st.integers(2, 10)),
    st.randoms(use_true_random=False),
)
@settings(max_examples=60)
def test_the_choice_is_admissible_and_nearly_best_wherever_that_can_be(silhouettes, crumbs, random):
    found = tried(silhouettes, tuple(crumbs))
    chosen = clustering.choose(found)
    assert clustering.choose(random.sample(found, len(found))) is chosen
    admissible = [candidate for candidate in found if candidate.fault is None]
    if admissible:
        best = max(candidate.silhouette for candidate in admissible)
        assert chosen.fault is None
        assert chosen.silhouette >= min(best, NEARLY_AS_GOOD * best)
    verdicts = [clustering.verdict(candidate, chosen) for candidate in found]
    assert sum(verdict.startswith("chosen") for verdict in verdicts) == 1


def test_where_none_is_admissible_the_least_bad_one_is_taken_and_says_so():
    found = tried({2: 0.9, 3: 0.8, 4: 0.7}, crumbs=(3, 4), giants=(2,))
    found[2] = Candidate(4, np.zeros((4, 3)), np.array([0.049, 0.3, 0.3, 0.351]), 0.7)
    chosen = clustering.choose(found)
    assert chosen.k == 4
    assert clustering.verdict(chosen, chosen) == "chosen for want of a better one: smallest segment below 5%"


def test_planted_groups_are_found():
    found = clustering.candidates(standardised(groups(100)), "quick", 42)
    assert [candidate.k for candidate in found] == list(clustering.COUNTS)
    chosen = clustering.choose(found)
    assert chosen.k == len(GROUPS)
    assert np.allclose(chosen.shares, 1 / len(GROUPS), atol=0.01)
    for candidate in found:
        assert candidate.shares.sum() == pytest.approx(1)
        assert -1 <= candidate.silhouette <= 1
        assert (candidate.fault is None) == (
            candidate.shares.min() >= SMALLEST_SHARE and candidate.shares.max() <= LARGEST_SHARE
        )


@pytest.mark.parametrize(("different", "most"), [(1, None), (2, 2), (3, 3), (12, 10)])
def test_there_are_never_more_segments_than_different_customers(different, most):
    points = np.repeat(np.arange(different)[:, None] * [1.0, 2.0, 3.0], 5, axis=0)
    found = clustering.candidates(points, "quick", 42)
    assert [candidate.k for candidate in found] == ([] if most is None else list(range(2, most + 1)))


@pytest.mark.parametrize("customers", [0, 1, 7])
def test_customers_who_are_all_alike_cannot_be_segmented(customers):
    found = clustering.candidates(np.zeros((customers, 3)), "quick", 42)
    assert found == []
    with pytest.raises(ValueError, match="nothing to segment"):
        clustering.choose(found)


def test_two_different_customers_are_two_segments():
    found = clustering.candidates(np.array([[0.0, 0, 0], [1.0, 1, 1]]), "quick", 42)
    assert [(candidate.k, candidate.silhouette, candidate.fault) for candidate in found] == [(2, 0.0, None)]


def test_a_sample_is_fitted_on_and_everybody_is_counted(monkeypatch):
    monkeypatch.setitem(clustering.FIT_ROWS, "quick", 120)
    monkeypatch.setitem(clustering.SILHOUETTE_ROWS, "quick", 80)
    points = standardised(groups(100))
    one, other, third = (clustering.candidates(points, "quick", seed) for seed in (1, 1, 2))
    assert all((a.centres == b.centres).all() for a, b in zip(one, other, strict=True))
    assert any((a.centres != b.centres).any() for a, b in zip(one, third, strict=True))
    assert clustering.choose(one).k == len(GROUPS)
    assert np.allclose(clustering.choose(one).shares * len(points) % 1, 0, atol=1e-9)


def test_of_equally_near_centres_the_first_is_taken():
    assert clustering.nearest(np.zeros((1, 3)), np.array([[1.0, 0, 0], [-1.0, 0, 0]])).tolist() == [0]
