"""The choice of the champion and the words for it."""

import dataclasses
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hm_assets.segments.choice.choose import choose, usable
from hm_assets.segments.choice.entries import Entry, dominates, pareto_front
from hm_assets.segments.choice.words import headline, reasons, verdicts


def entry(algorithm="kmeans", k=5, space="rfm", **figures) -> Entry:
    plain = {
        "smallest_share": 0.1,
        "largest_share": 0.4,
        "stability": 0.9,
        "stability_excess": 0.10,
        "separation": 1.2,
        "later_value": 0.35,
        "later_low": 0.30,
        "later_high": 0.40,
        "fidelity": 0.8,
    }
    return Entry(algorithm, k, space, k, **(plain | figures))


GRID = entry("rfm grid", 6, "rfm", stability_excess=0.0)
STABLE = entry(k=5, stability=0.9, stability_excess=0.15, separation=1.1)
SEPARATE = entry(k=3, stability=0.8, stability_excess=0.08, separation=1.5)
WORSE = entry("gmm", 5, stability=0.7, stability_excess=0.05, separation=1.0)
FEW = st.sampled_from([0.0, 0.1, 0.2, 0.3, math.nan])


@st.composite
def candidates(draw) -> list[Entry]:
    names = draw(st.lists(st.tuples(st.sampled_from("abc"), st.integers(2, 5)), max_size=8, unique=True))
    found = []
    for algorithm, k in names:
        later = draw(FEW)
        found.append(
            entry(
                algorithm,
                k,
                stability_excess=draw(FEW),
                separation=draw(FEW),
                fidelity=draw(FEW),
                later_value=later,
                later_low=later - 0.1,
                later_high=later + draw(st.sampled_from([0.05, 0.15])),
                largest_share=draw(st.sampled_from([0.4, 0.4, 0.4, 0.7])),
                refused=draw(st.sampled_from([None, None, None, "it needs more rows"])),
            )
        )
    return found


def all_of(choice) -> str:
    return "\n".join([repr(choice), headline(choice), *reasons(choice), repr(verdicts(choice))])


@given(candidates(), st.randoms(use_true_random=False), st.booleans())
@settings(max_examples=100)
def test_the_order_of_the_entries_changes_nothing(entries, random, structure):
    shuffled = random.sample(entries, len(entries))
    assert all_of(choose(entries, GRID, structure)) == all_of(choose(shuffled, GRID, structure))


@given(candidates())
@settings(max_examples=100)
def test_the_lab_chooses_nobody_who_is_dominated_refused_or_out_of_bounds(entries):
    choice = choose(entries, GRID)
    able = [candidate for candidate in entries if usable(candidate)]
    if not able:
        assert choice.champion == GRID
        return
    assert choice.champion in able
    assert not any(dominates(other, choice.champion) for other in able)
    assert choice.champion in choice.front
    assert choice.champion not in choice.behind
    assert choice.runner_up != choice.champion
    assert (choice.runner_up is None) == (len(able) == 1)


@given(candidates(), st.data())
@settings(max_examples=100)
def test_another_dominated_entry_changes_neither_champion_nor_front(entries, data):
    choice = choose(entries, GRID)
    if not choice.front:
        return
    better = data.draw(st.sampled_from(choice.front))
    worse = dataclasses.replace(
        better, algorithm="z", later_value=better.later_value - 0.1, separation=better.separation - 0.1
    )
    if not dominates(better, worse):
        return
    after = choose([*entries, worse], GRID)
    assert after.champion == choice.champion
    assert after.front == choice.front
    assert verdicts(after)[worse.name].startswith(("dominated by", "runner-up"))


@given(candidates())
@settings(max_examples=100)
def test_every_choice_can_be_said(entries):
    choice = choose(entries, GRID)
    assert set(verdicts(choice)) == {candidate.name for candidate in entries}
    assert list(verdicts(choice).values()).count("chosen") == (choice.champion in entries)
    text = all_of(choice)
    assert "nan" not in " ".join(reasons(choice))
    assert "inf" not in " ".join(reasons(choice))
    assert "by a person" not in text


def test_the_most_stable_of_the_front_is_chosen_and_the_words_say_what_it_gives_up():
    choice = choose([STABLE, SEPARATE, WORSE, entry(k=2, largest_share=0.61)], GRID)
    assert (choice.champion, choice.runner_up, choice.front) == (STABLE, SEPARATE, (STABLE, SEPARATE))
    assert verdicts(choice) == {
        "kmeans 5 rfm": "chosen",
        "kmeans 3 rfm": "runner-up",
        "gmm 5 rfm": "dominated by kmeans 5 rfm",
        "kmeans 2 rfm": "refused: its largest segment holds 61.00 % of customers, over 60 %",
    }
    assert headline(choice) == "k-means with 5 segments"
    said = reasons(choice)
    assert said[0].startswith("k-means with 5 segments was chosen of 4 candidates: 3 keep")
    assert "0.90 (Jaccard), 0.15 above what any candidate of that space and number" in said[1]
    beside = "Beside the runner-up, k-means with 3 segments: stability over null 0.15 against 0.08"
    assert said[3].startswith(beside)
    assert said[4] == "It gives up some separation (1.10, k-means with 3 segments has 1.50)."


def test_who_explains_the_later_spend_less_than_the_best_cannot_win_by_stability():
    blind = entry(k=3, stability=0.99, stability_excess=0.3, later_value=0.1, later_high=0.2)
    choice = choose([STABLE, blind], GRID)
    assert choice.champion == STABLE
    assert choice.behind == (blind,)
    shown = entry(k=4, stability=0.97, stability_excess=0.2, later_value=0.36)
    assert choose([STABLE, blind, shown], GRID).champion == shown
    assert verdicts(choose([STABLE, blind, shown], GRID))["kmeans 3 rfm"].startswith("on the front; explains")


def test_of_equally_stable_ones_the_best_separated_is_taken():
    assert (
        choose([entry(k=4, fidelity=0.9), entry(k=5, stability=0.91, separation=1.3)], GRID).champion.k == 5
    )
    # How far stability is above the null orders nothing; not being above it does.
    shy = entry(k=5, stability=0.95, stability_excess=0.01, fidelity=0.85)
    loud = entry(k=4, stability_excess=0.5)
    assert choose([shy, loud], GRID).champion == shy
    below = entry(k=5, stability=0.99, stability_excess=-0.01, later_value=0.36)
    assert choose([below, loud], GRID).champion == loud


def test_the_reasons_say_who_is_left_out_as_noise_and_on_how_many_it_can_be_fitted():
    everybody = reasons(choose([STABLE, SEPARATE], GRID))[2]
    assert (
        everybody
        == "It leaves nobody out as noise, and it can be fitted on all customers however many there are."
    )
    some = dataclasses.replace(STABLE, noise_share=0.12, customers=1500, most_rows=4000)
    said = reasons(choose([some, SEPARATE], GRID))[2]
    assert said.startswith("It leaves 12 % out as noise, who are placed")
    assert "on at most 4,000 customers, here on 1,500" in said


def test_ties_go_to_fidelity_then_fewer_segments_then_the_name():
    assert choose([entry(k=4), entry(k=5, fidelity=0.81, separation=1.19)], GRID).champion.k == 5
    assert choose([entry(k=5), entry(k=4)], GRID).champion.k == 4
    assert choose([entry("b"), entry("a")], GRID).champion.algorithm == "a"


def test_a_person_may_take_a_dominated_one_and_every_text_says_so():
    choice = choose([STABLE, SEPARATE, WORSE], GRID, override="gmm 5")
    assert (choice.champion, choice.by_lab, choice.runner_up) == (WORSE, STABLE, STABLE)
    lab = "chosen by a person, not by the lab; the lab would have chosen k-means with 5 segments"
    assert headline(choice) == f"gmm with 5 segments; {lab}"
    assert reasons(choice)[0] == f"gmm with 5 segments was {lab}."
    assert verdicts(choice)["gmm 5 rfm"] == "chosen by a person, not by the lab; dominated by kmeans 5 rfm"
    assert verdicts(choice)["kmeans 5 rfm"] == "the lab would have chosen it"


def test_a_person_may_break_the_bounds_and_it_is_told():
    wide = entry(k=2, largest_share=0.7)
    choice = choose([STABLE, wide], GRID, override="kmeans 2 rfm")
    assert choice.champion == wide
    assert "It breaks the rule of 5-60 % per segment: its largest segment holds 70.00 %" in " ".join(
        reasons(choice)
    )
    assert verdicts(choice)["kmeans 2 rfm"].startswith("chosen by a person, not by the lab; its largest")


def test_a_person_who_agrees_with_the_lab_still_chose():
    choice = choose([STABLE, SEPARATE], GRID, override="kmeans 5")
    assert choice.by_person
    assert headline(choice).endswith("not by the lab; the lab would have chosen the same")
    assert choice.runner_up == SEPARATE


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("ward 5", "no candidate is called ward 5; say one of: dbscan 3 rfm, kmeans 5 rfm, kmeans 5 taste"),
        ("kmeans 5", "several candidates are called kmeans 5; say one of: kmeans 5 rfm, kmeans 5 taste"),
        ("dbscan 3", "dbscan 3 rfm was asked for, but cannot be used: one cluster at every radius"),
    ],
)
def test_an_override_that_cannot_be_followed_says_what_can(override, said):
    entries = [STABLE, entry(space="taste"), entry("dbscan", 3, refused="one cluster at every radius")]
    with pytest.raises(ValueError, match=said):
        choose(entries, GRID, override=override)


def test_a_space_without_structure_is_set_aside_though_another_has_some():
    there = entry(
        k=4, space="monthly_shape", stability=0.99, stability_excess=0.3, separation=2.0, fidelity=0.9
    )
    assert choose([STABLE, there], GRID).champion == there
    choice = choose([STABLE, there], GRID, continua=["monthly_shape"])
    assert choice.champion == STABLE
    assert verdicts(choice)[there.name] == "set aside: no structure found in the months of the year"
    assert choose([STABLE, there], GRID, override=there.name, continua=["monthly_shape"]).champion == there


def test_without_structure_the_grid_stands_in_and_says_so():
    choice = choose([STABLE, SEPARATE], GRID, structure=False)
    assert (choice.champion, choice.runner_up) == (GRID, None)
    assert headline(choice) == "rfm grid with 6 segments; no structure found"
    assert reasons(choice)[0].startswith("No structure found")
    assert set(verdicts(choice).values()) == {"set aside: no structure found in recency, frequency and spend"}
    person = choose([STABLE, SEPARATE], GRID, structure=False, override="kmeans 5")
    assert (person.champion, person.runner_up) == (STABLE, GRID)
    assert "no structure found; chosen by a person" in headline(person)
    assert "No structure found" in " ".join(reasons(person))


def test_where_nobody_keeps_the_bounds_the_grid_stands_in():
    choice = choose([entry(smallest_share=0.01)], GRID)
    assert choice.champion == GRID
    assert headline(choice) == "rfm grid with 6 segments; stands in, because no candidate can be used"
    assert reasons(choice)[0].startswith("None of the 1 candidates can be placed")
    assert "not the segments that the data show" in " ".join(reasons(choice))
    assert (
        verdicts(choice)["kmeans 5 rfm"]
        == "refused: its smallest segment holds 1.00 % of customers, under 5 %"
    )


def test_what_was_not_measured_for_anybody_decides_nothing_and_for_one_counts_against_it():
    unknown = {"later_value": math.nan, "later_low": math.nan, "later_high": math.nan}
    choice = choose([dataclasses.replace(e, **unknown) for e in (STABLE, SEPARATE)], GRID)
    assert choice.champion == STABLE
    assert "Later spend was not measured for any" in " ".join(reasons(choice))
    assert choose([dataclasses.replace(STABLE, **unknown), SEPARATE], GRID).champion == SEPARATE


def test_two_candidates_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two candidates are called kmeans 5 rfm"):
        choose([STABLE, entry()], GRID)


def test_the_front_by_hand():
    assert pareto_front([WORSE, SEPARATE, STABLE]) == [STABLE, SEPARATE]
    assert dominates(STABLE, WORSE)
    assert not dominates(STABLE, STABLE)
