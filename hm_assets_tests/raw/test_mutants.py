"""Corrupted deliveries end in rejects that add up or in one clear error; never in a stack trace or another figure."""

import pytest

from benchmarks.mutants import KINDS, judge, mutant
from hm_assets.raw import rules

SEED = 7


@pytest.mark.parametrize("number", range(len(KINDS)), ids=lambda number: KINDS[number][0].__name__.strip("_"))
def test_a_corrupted_delivery_loses_nothing_and_changes_nothing_silently(tmp_path, number):
    verdict = judge(SEED, number, tmp_path)
    assert not verdict.wrong, verdict


def test_the_same_seed_and_number_is_the_same_delivery():
    assert mutant(SEED, 3)[0] == mutant(SEED, 3)[0] != mutant(SEED + 1, 3)[0]


def test_the_judge_sees_a_day_that_became_another(tmp_path, monkeypatch):
    """To DuckDB 2018-09-2x is the second of September: what the rule of a day was before a mutant showed it."""
    cast = "try_cast(t_dat AS DATE)"
    monkeypatch.setattr(
        rules, "DAY", f"CASE WHEN {cast} BETWEEN DATE '1990-01-01' AND DATE '2099-12-31' THEN {cast} END"
    )
    days = next(number for number, (kind, _) in enumerate(KINDS) if kind.__name__ == "_days")
    verdict = judge(SEED, days, tmp_path)
    assert "other lines" in verdict.wrong
