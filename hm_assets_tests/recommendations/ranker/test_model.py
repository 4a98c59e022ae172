"""What is learned: better than what everybody buys, worth nothing from shuffled labels, the same every time, kept."""

import dataclasses
import datetime as dt

import lightgbm
import numpy as np
import pyarrow as pa
import pytest

from hm_assets.recommendations.back_test import bought_after, judge
from hm_assets.recommendations.ladder.catalogue import BESTSELLERS, RUNGS
from hm_assets.recommendations.ladder.rung import Content, Rung
from hm_assets.recommendations.purchases import purchases
from hm_assets.recommendations.ranker import model as ranker_model
from hm_assets.recommendations.ranker import ranking
from hm_assets.recommendations.ranker.lessons import days_of, lessons_of
from hm_assets.recommendations.ranker.model import Model, learn, learn_each
from hm_assets.recommendations.ranker.plan import NEW, NEXT, TASKS
from hm_assets.recommendations.ranker.ranking import fitting, kept, rungs
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets_tests.recommendations.baskets import FIRST, as_ibis
from hm_assets_tests.recommendations.ranker.shop import (
    CATALOGUE,
    DAY,
    KEYS,
    PEOPLE,
    PLAN,
    ROWS,
    everything,
    known_on,
    models,
)

LEARNED = [DAY - dt.timedelta(days=7 * weeks) for weeks in (1, 2, 3)]
WEEKS = [DAY, *LEARNED]
"""Judged days, of which each learns mostly from the same weeks as the one before."""
SMALL = dataclasses.replace(PLAN, trees=3)


@pytest.fixture(scope="module")
def judged():
    # Kept is what the cached fit would learn anew: `test_a_kept_ranker_says_what_the_fitted_one_says`.
    artifact = {"models": {name: model.as_json() for name, model in models().items()}}
    rungs = [
        Rung("ranker", kept(artifact)),
        Rung("shuffled", fitting(NEXT, PLAN, shuffled=True)),
        *RUNGS[:1],
    ]
    return judge(everything(), DAY, rungs, PEOPLE, CATALOGUE, 1, 1)


def test_it_beats_the_bestsellers_and_learned_from_shuffled_labels_it_does_not(judged):
    score = {name: said.ap.mean() for name, said in judged.said.items()}
    assert score["ranker"] > 1.2 * score[BESTSELLERS]
    assert score["shuffled"] < score[BESTSELLERS]


def test_shuffled_labels_are_as_many_per_customer_and_day():
    for day in LEARNED:
        plain, mixed = (lessons_of(day, known_on(), PLAN, TASKS, shuffled) for shuffled in (False, True))
        for task in TASKS:
            one, other = plain[task.name], mixed[task.name]
            assert len(one.groups) == len(other.groups) and one.bought.sum() == other.bought.sum()
            assert not np.array_equal(one.bought, other.bought)


def test_what_is_learned_from_is_over_on_the_last_known_day():
    assert days_of(everything(), DAY, PLAN) == days_of(known_on().purchases, DAY, PLAN) == LEARNED
    for task in TASKS:
        model = models()[task.name]
        assert model.trained_as_of == DAY and max(model.days) + dt.timedelta(days=7) <= DAY


def test_nothing_later_is_learned_from():
    cut = ROWS.filter(pa.compute.less_equal(ROWS["t_dat"], pa.scalar(DAY)))
    again = learn(known_on(bought=purchases(as_ibis(cut), DAY)), PLAN, TASKS)
    assert {name: model.version for name, model in again.items()} == {
        name: model.version for name, model in models().items()
    }


def test_candidates_of_a_lesson_are_marked_as_the_week_bought_them():
    known = known_on()
    lesson = lessons_of(LEARNED[0], known, PLAN, TASKS)
    assert lesson[NEXT.name].day == LEARNED[0]
    _, bought = bought_after(known.purchases, LEARNED[0])
    assert 0 < lesson[NEXT.name].bought.sum() <= sum(map(len, bought))
    assert lesson[NEXT.name].groups.sum() == len(lesson[NEXT.name].bought) == len(lesson[NEXT.name].features)
    assert lesson[NEW.name].bought.sum() < lesson[NEXT.name].bought.sum()


def test_what_is_learned_ahead_for_several_days_is_what_each_would_learn_anew():
    later = known_on(everything().as_of)
    ahead = learn_each(later, WEEKS, SMALL, TASKS)
    anew = {day: learn(known_on(day), SMALL, TASKS) for day in WEEKS}
    assert ahead == anew
    assert len({model.version for models in ahead.values() for model in models.values()}) == len(ahead) * 2


@pytest.mark.slow
def test_two_processes_learn_what_one_does():
    assert learn_each(known_on(), WEEKS, SMALL, TASKS, workers=2) == learn_each(
        known_on(), WEEKS, SMALL, TASKS
    )


def test_a_past_week_is_made_a_lesson_of_once_and_sees_nobody(monkeypatch):
    seen = []

    def counted(day, known, *rest, **more):
        seen.append((day, known.people.column_names, known.content))
        return lessons_of(day, known, *rest, **more)

    monkeypatch.setattr(ranker_model, "lessons_of", counted)
    # Segments and texts as of the judged day are the future of the weeks before it.
    segments = PEOPLE.append_column("segment_id", pa.array([1] * len(PEOPLE)))
    content = Content(CATALOGUE["article_key"].to_numpy(), np.ones((len(CATALOGUE), 1)))
    learn_each(
        dataclasses.replace(known_on(), people=segments, content=content),
        WEEKS,
        dataclasses.replace(PLAN, trees=1),
        TASKS,
    )
    needed = {day for week in WEEKS for day in days_of(everything(), week, PLAN)}
    assert len(needed) == len(WEEKS) + PLAN.weeks - 1
    assert sorted(seen) == [(day, [], None) for day in sorted(needed)]


def test_rankers_take_what_was_learned_ahead_and_learn_anew_on_other_days(monkeypatch):
    learned = []
    monkeypatch.setattr(
        ranking, "learn", lambda known, *rest: learned.append(known.purchases.as_of) or learn(known, *rest)
    )
    ahead = learn_each(known_on(), [DAY], SMALL, TASKS)
    for rung, task in zip(rungs(SMALL, ahead), TASKS, strict=True):
        assert rung.name == task.name
        assert rung.fit(known_on()).model is ahead[DAY][task.name] and not learned
    assert rungs(SMALL, ahead)[0].fit(known_on(LEARNED[0])).model.trained_as_of == LEARNED[0] == learned.pop()


def test_a_kept_ranker_says_what_the_fitted_one_says_and_later_days_do_not_refit_it():
    small = dataclasses.replace(PLAN, weeks=1, trees=5)
    known = known_on()
    fitted = fitting(NEXT, small)(known)
    stored = {"models": {NEXT.name: fitted.model.as_json()}}
    assert (kept(stored)(known).scores(KEYS) != fitted.scores(KEYS)).nnz == 0
    later = kept(stored)(known_on(DAY + dt.timedelta(days=7)))
    assert later.model.trained_as_of == DAY and later.scores(KEYS).nnz
    assert later.model.version == fitted.model.version


def test_a_model_of_other_features_is_refused_by_name():
    stored = models()[NEXT.name].as_json()
    stored["features"] = [*stored["features"][1:], "shoe_size"]
    with pytest.raises(HmAssetsError, match=r"shoe_size, times_bought.*materialise recommendations/ranker"):
        Model.from_json(stored)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
@pytest.mark.parametrize("days", [-1, 0, 10, 31])
def test_a_short_history_is_no_fault_and_says_that_nothing_was_learned(days, task):
    ranker = fitting(task, PLAN)(known_on(FIRST + dt.timedelta(days=days)))
    assert ranker.model.text is None and ranker.model.importance() == {}
    assert ranker.scores(KEYS).shape[0] == len(KEYS)


def test_few_rows_are_learned_from_on_one_thread_whatever_there_are(monkeypatch):
    used = []
    plain = lightgbm.train
    monkeypatch.setattr(
        lightgbm,
        "train",
        lambda given, *rest, **more: used.append(given["num_threads"]) or plain(given, *rest, **more),
    )
    known = dataclasses.replace(known_on(), threads=8)
    learn(known, dataclasses.replace(PLAN, weeks=1, trees=2), [NEXT])
    assert used == [1]


def test_all_the_same_is_no_fault():
    # Everybody buys one article every day: each candidate is right, and there is nothing to tell apart.
    days = [FIRST + dt.timedelta(days=day) for day in range(50)]
    rows = pa.table(
        {
            "t_dat": pa.array([day for day in days for _ in range(5)], pa.date32()),
            "customer_key": [1000, 1001, 1002, 1003, 1004] * 50,
            "article_key": [100_000_001] * 250,
            "price": [0.01] * 250,
            "sales_channel_id": pa.array([1] * 250, pa.int8()),
            "month": pa.array([day.replace(day=1) for day in days for _ in range(5)], pa.date32()),
        }
    )
    known = known_on(days[-1], purchases(as_ibis(rows), days[-1]))
    assert fitting(NEXT, PLAN)(known).scores(KEYS).nnz == len(KEYS)
    assert fitting(NEW, PLAN)(known).scores(KEYS[:5]).nnz == 0
