"""What the pictures compute: bends, rules, components, agreement; and the pictures of the UI."""

import base64
import re

import numpy as np
import pytest

from hm_assets.segments.page import pictures_of_density as density
from hm_assets.segments.page import shown
from hm_assets.segments.page.agreement import agreement, best_of_each
from hm_assets.segments.page.called import beyond_chance, candidate, standing
from hm_assets.segments.page.pictured import principal
from hm_assets.segments.page.pictures_of_k import bend
from hm_assets.segments.page.pictures_of_reference import named
from hm_assets_tests.segments.page import labs


@pytest.fixture(scope="module")
def rows():
    return labs.candidates(labs.customers())


def test_a_curve_bends_where_it_stops_falling():
    assert bend([2, 3, 4, 5, 6], [100, 60, 20, 18, 16]) == 4
    assert bend([2, 3, 4], [5, 5, 5]) == 2


def test_the_four_groups_of_the_published_analysis_get_its_names_by_their_figures():
    medians = np.array([[4, 0.2, 0.03], [30, 0.9, 0.02], [9, 2.0, 0.05], [2, 0.1, 0.01]])
    names = ["Occasional Buyers", "Frequent Shoppers", "High Spenders", "Value Seekers"]
    assert named(medians) == names
    order = [2, 0, 3, 1]
    assert named(medians[order]) == [names[i] for i in order]


def test_components_keep_distances_and_do_not_depend_on_the_sign_of_the_axes():
    points = np.random.default_rng(0).normal(size=(40, 3)) * [3, 2, 1]
    places, shares, directions = principal(points, 3)
    assert shares.sum() == pytest.approx(1)
    assert np.linalg.norm(places[0] - places[1]) == pytest.approx(np.linalg.norm(points[0] - points[1]))
    assert (directions[np.arange(3), np.abs(directions).argmax(axis=1)] > 0).all()
    assert principal(np.ones((5, 3)), 2)[1].shape == (0,)


def test_the_best_of_each_algorithm_is_compared_with_each_other_once(rows):
    compared = best_of_each(rows)
    assert len(compared) == len({(row["algorithm"], row["space"]) for row in rows})
    pairs = agreement(rows, labs.load(labs.customers()))
    assert len(pairs) == len(compared) * (len(compared) - 1) / 2
    ari = {frozenset((pair["first"], pair["second"])): pair["ari"] for pair in pairs}
    assert ari[frozenset(("k-means 4", "Ward 4"))] > 0.95
    assert all(-1 <= value <= 1 for value in ari.values())
    assert agreement([{**row, "model": None} for row in rows], labs.load(labs.customers())) == []


def test_a_candidate_is_called_by_its_algorithm_and_number_and_by_an_unusual_space(rows):
    row = rows[0]
    assert candidate(row) == "k-means 2"
    assert candidate({**row, "space": "rfm_rhythm"}) == "k-means 2 (rhythm)"
    assert candidate({**row, "algorithm": "dbscan", "k": 0, "segments": 6}) == "DBSCAN 6"
    assert candidate({**row, "algorithm": "taste", "space": "taste"}) == "Taste topics 2"
    assert standing({**row, "verdict": "on the front; explains less"}) == "on the front"
    assert standing({**row, "model": None}) == "refused"


def test_the_tree_is_cut_where_a_merge_costs_many_times_the_one_before(rows):
    """The last merges are the longest in any data: by the plain difference, these four groups would be three."""
    people = labs.pictured(rows, labs.customers(), labs.champion(rows))
    assert "is at 4 groups: from" in density.dendrogram(people).title


def test_pictures_of_the_ui_state_a_figure_and_are_the_same_twice(rows):
    people = labs.pictured(rows, labs.customers(), labs.champion(rows))
    for draw, of in (
        (shown.curves, rows),
        (shown.stability, rows),
        (shown.sizes, people),
        (shown.plane, people),
        (shown.heat_map, people),
    ):
        found = re.fullmatch(r"!\[([^]]*\d[^]]*)\]\(data:image/png;base64,(.*)\)", draw(of))
        assert found is not None, draw.__name__
        assert base64.b64decode(found.group(2)).startswith(b"\x89PNG")
        assert draw(of) == found.group(0)


def test_only_those_with_a_limit_are_counted_as_more_stable_than_chance(rows):
    """k-means has one of 0.8 and is above it with 4 segments; others are above a mean, as half of noise is."""
    assert beyond_chance(rows) == (
        "2 of 5 candidates are more stable than the same algorithm on 95 % of data without segments; "
        "4 have no such limit"
    )
    few = [row for row in rows if row["algorithm"] == "ward"]
    assert beyond_chance(few).startswith("None of 1 candidate was held against enough")


def test_there_is_no_picture_of_nothing():
    people = labs.table([[10, 2, 0.4]])
    rows = labs.candidates(people, {"kmeans": (labs.kmeans, (1,))})
    alone = labs.pictured(rows, people, labs.champion(rows, "kmeans 1 rfm"))
    assert {shown.curves(rows), shown.stability([]), shown.plane(alone), shown.heat_map(alone)} == {
        shown.NOTHING
    }
    assert "100 %" in shown.sizes(alone)
