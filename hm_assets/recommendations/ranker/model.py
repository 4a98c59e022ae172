"""The fitted order of candidates: boosted trees for the ranking of each customer's list (LambdaRank; Burges 2010)."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import numpy.typing as npt

from hm_assets.forecasts.churn.algorithms import END_OF_TREES, MANY_ROWS
from hm_assets.recommendations.ladder.rung import Known
from hm_assets.recommendations.lists import LENGTH
from hm_assets.recommendations.ranker.features import NAMES
from hm_assets.recommendations.ranker.lessons import Lesson, days_of, lessons_of, teaching
from hm_assets.recommendations.ranker.plan import Plan, Task
from hm_assets.segments.space import Floats
from hm_assets.warehouse import beside
from hm_assets.warehouse.errors import HmAssetsError


@dataclass(frozen=True)
class Model:
    """Trees as LightGBM's text, or none where the history was too short to learn from.

    Attributes
    ----------
    text
        The trees; None: the task's stand-in ranks.
    features
        Names of the inputs, in order.
    trained_as_of
        The last day that was known.
    days
        The past days learned from, the latest first.
    customers, rows
        Of these learned from: a customer counts once per day.
    seed
        Of samples and trees.
    """

    text: str | None
    features: tuple[str, ...]
    trained_as_of: dt.date
    days: tuple[dt.date, ...]
    customers: int
    rows: int
    seed: int

    @property
    def version(self) -> str:
        """Hash of all that decides an order."""
        said = f"{self.text}{self.features}{self.trained_as_of}"
        return hashlib.sha256(said.encode()).hexdigest()[:12]

    @cached_property
    def booster(self) -> Any:
        """The trees, read once."""
        import lightgbm

        return lightgbm.Booster(model_str=self.text)

    def predict(self, table: npt.NDArray[np.float32], threads: int) -> Floats:
        """Scores in (0, 1) of candidates (pairs x features): higher is better within a customer's list, no more."""
        if not len(table):
            return np.zeros(0)
        margins = np.asarray(
            self.booster.predict(table, num_threads=_threads(len(table), threads)), dtype=np.float64
        )
        return np.asarray(1 / (1 + np.exp(-margins)))

    def importance(self) -> dict[str, float]:
        """Share of the gain that each feature brought, the largest first; empty without trees."""
        if self.text is None:
            return {}
        gain = self.booster.feature_importance("gain")
        shares = dict(zip(self.features, (gain / max(gain.sum(), 1e-12)).tolist(), strict=True))
        return dict(sorted(shares.items(), key=lambda item: (-item[1], item[0])))

    def as_json(self) -> dict[str, Any]:
        """For the artifact."""
        return {
            **asdict(self),
            "features": list(self.features),
            "trained_as_of": self.trained_as_of.isoformat(),
            "days": [day.isoformat() for day in self.days],
            "version": self.version,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Model":
        """The inverse.

        Raises
        ------
        HmAssetsError
            It learned from other features than there are now.
        """
        if tuple(value["features"]) != NAMES:
            other = sorted(set(value["features"]) ^ set(NAMES)) or ["their order"]
            raise HmAssetsError(
                "the kept ranker learned from other features than are made now "
                f"({', '.join(other)}); materialise recommendations/ranker again"
            )
        return cls(
            value["text"],
            NAMES,
            dt.date.fromisoformat(value["trained_as_of"]),
            tuple(dt.date.fromisoformat(day) for day in value["days"]),
            value["customers"],
            value["rows"],
            value["seed"],
        )


def learn(known: Known, plan: Plan, tasks: Sequence[Task], shuffled: bool = False) -> dict[str, Model]:
    """A model per task, from the weeks up to the last known day; see `learn_each`."""
    day = known.purchases.as_of
    return learn_each(known, [day], plan, tasks, shuffled)[day]


def learn_each(
    known: Known,
    days: Sequence[dt.date],
    plan: Plan,
    tasks: Sequence[Task],
    shuffled: bool = False,
    workers: int = 1,
) -> dict[dt.date, dict[str, Model]]:
    """Of each day a model per task, from the weeks up to it; a past week that several days learn from is read once.

    Parameters
    ----------
    known
        Up to the last of the days, or later.
    days
        As of which is learned.
    plan, tasks
        See `lessons_of`.
    shuffled
        Learn from labels that were left to chance: such a ranker must be worth nothing, or the judge sees the future.
    workers
        Processes that share the past weeks, then the models.
    """
    past = {day: days_of(known.purchases, day, plan) for day in days}
    weeks = sorted(set().union(*past.values()), reverse=True)
    teach = partial(lessons_of, known=teaching(known), plan=plan, tasks=tasks, shuffled=shuffled)
    lessons = dict(zip(weeks, beside.each(teach, weeks, workers), strict=True))
    asked = [
        (day, task.name, [lessons[week][task.name] for week in past[day] if lessons[week]])
        for day in days
        for task in tasks
    ]
    train = partial(_model, trees=plan.trees, seed=known.seed, threads=known.threads)
    models: dict[dt.date, dict[str, Model]] = {day: {} for day in days}
    for (day, name, _), model in zip(asked, beside.each(train, asked, workers), strict=True):
        models[day][name] = model
    return models


def _model(
    asked: tuple[dt.date, str, Sequence[Lesson]],
    trees: int,
    seed: int,
    threads: int,
) -> Model:
    day, _, lessons = asked
    found = [lesson for lesson in lessons if len(lesson.groups)]
    return Model(
        _trees(found, trees, seed, threads) if found else None,
        NAMES,
        day,
        tuple(lesson.day for lesson in found),
        sum(len(lesson.groups) for lesson in found),
        sum(len(lesson.bought) for lesson in found),
        seed,
    )


def _trees(found: Sequence[Lesson], trees: int, seed: int, threads: int) -> str:
    import lightgbm

    features = np.concatenate([lesson.features for lesson in found])
    parameters = {
        "objective": "lambdarank",
        # Places beyond the list count for little, but twelve alone would leave most pairs without a say.
        "lambdarank_truncation_level": 2 * LENGTH,
        "learning_rate": 0.05,
        "num_leaves": 31,
        "min_data_in_leaf": max(20, len(features) // 5_000),
        "lambda_l2": 1.0,
        "feature_fraction": 0.7,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": _threads(len(features), threads),
        "verbosity": -1,
    }
    data = lightgbm.Dataset(
        features,
        np.concatenate([lesson.bought for lesson in found]).astype(np.int8),
        group=np.concatenate([lesson.groups for lesson in found]),
        params=parameters,
        feature_name=list(NAMES),
    )
    text = lightgbm.train(parameters, data, num_boost_round=trees).model_to_string()
    # What follows names the parameters, among them the threads of this machine.
    return str(text.partition(END_OF_TREES)[0] + END_OF_TREES)


def _threads(rows: int, threads: int) -> int:
    """One for few rows: on a busy machine two that wait for each other took eight times the processor for one model."""
    return threads if rows >= MANY_ROWS else 1
