"""What is known of former champions."""

from dataclasses import replace

import pytest

from hm_assets.segments.champion import history
from hm_assets.warehouse import artifacts
from hm_assets_tests.segments.customers import champion


def model(ids, fit="a", override=None):
    made = champion([[i, i, i] for i in range(len(ids))], ids=ids)
    return replace(made, decision={"fit": fit, "override": override})


LAB, PERSON = model([1, 2]), model([2, 3, 4], fit="b", override="kmeans 3 rfm")


@pytest.fixture
def files(tmp_path):
    return tmp_path / "champion.json", tmp_path / "champions"


def crown(files, made):
    history.keep(files[1], made)
    artifacts.write_json(files[0], made.as_json())


def ids(champions):
    return [found.ids for found in champions]


def test_nothing_is_known_before_the_first(files):
    assert history.known(*files) == []


def test_all_are_known_in_order_and_the_same_one_again_adds_nothing(files):
    for made in (LAB, LAB, PERSON, PERSON, LAB):
        crown(files, made)
    assert ids(history.known(*files)) == [LAB.ids, PERSON.ids, LAB.ids]


def test_a_lost_file_is_known_from_the_others(files):
    crown(files, LAB)
    crown(files, PERSON)
    files[0].unlink()
    assert history.known(*files)[-1].as_json() == PERSON.as_json()


def test_a_champion_from_before_this_folder_is_known_too(files):
    artifacts.write_json(files[0], LAB.as_json())
    assert ids(history.known(*files)) == [LAB.ids]


def test_a_file_of_the_first_version_names_no_segment(files):
    artifacts.write_json(files[0], {"centers": [[1, 2, 3]]})
    assert history.known(*files) == []


def test_a_choice_that_comes_back_keeps_its_ids_and_no_id_is_used_twice(files):
    for made in (LAB, PERSON):
        crown(files, made)
    found = history.same_choice(history.known(*files), model([7, 8]))
    assert (found.ids, found.last_id) == (LAB.ids, 4)


@pytest.mark.parametrize("other", [model([1, 2], fit="c"), model([1, 2], override="kmeans 2 rfm")])
def test_another_fit_or_another_chooser_is_another_choice(files, other):
    crown(files, LAB)
    assert history.same_choice(history.known(*files), other) is None
