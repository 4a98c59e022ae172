"""The kept rankers: when they are fitted anew, and what their file holds."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hm_assets.forecasts.kept import FITTED, KEPT
from hm_assets.recommendations.ladder.rung import Known
from hm_assets.recommendations.ranker.features import NAMES
from hm_assets.recommendations.ranker.generators import GENERATORS
from hm_assets.recommendations.ranker.model import learn
from hm_assets.recommendations.ranker.plan import TASKS, Plan
from hm_assets.warehouse import artifacts


def recipe(code_version: str, plan: Plan, seed: int) -> str:
    """Hash of what a fit depends on besides its data."""
    proposed = [(generator.name, generator.depth) for generator in GENERATORS]
    return artifacts.recipe(code_version, asdict(plan), seed, NAMES, proposed)


def kept_or_learned(
    stored: Path, recipe: str, plan: Plan, known: Callable[[], Known], refit: bool
) -> tuple[dict[str, Any], str]:
    """The content of the artifact, and whether it is the one of before.

    Parameters
    ----------
    stored
        Where it lies, if it was made before.
    recipe
        What it is made with now; one that was made with another is learned anew, as is one that had too short a
        history to learn from.
    plan
        How much is learned from.
    known
        What is known on the last day: read only if it has to be.
    refit
        Learn whatever is stored.
    """
    before = artifacts.read_json(stored) if stored.exists() else None
    if (
        before is not None
        and before["recipe"] == recipe
        and not refit
        and all(model["text"] is not None for model in before["models"].values())
    ):
        return before, KEPT
    models = learn(known(), plan, TASKS)
    return {"recipe": recipe, "models": {name: model.as_json() for name, model in models.items()}}, FITTED
