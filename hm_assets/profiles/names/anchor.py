"""What segments were called when their model was trained: the names that later months keep.

A month's name must not flicker because a median moved across a border, and must not depend on which months happen to
have been profiled before. So names hang on the model, as its centres do: at each refit every segment is named on its
training month, and a month keeps of that name what holds within the slack (`naming.Given.of`). Segment ids are
canonical (`segments/champion/canonical.py`), so a refit starts from the names before it and keeps them in the same way.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from hm_assets.profiles.names.classic import definitions
from hm_assets.profiles.names.naming import Given
from hm_assets.profiles.names.words import Middle


def anchored(
    found: Mapping[int, Middle], model_version: str, previous: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The anchor of a model, as plain values: `model_version`, `definitions` and `segments`, what each is called.

    Parameters
    ----------
    found
        `words.middles` of the training month.
    model_version
        Version of the champion.
    previous
        The anchor before. Of the same model and definitions it is kept: a corrected month renames nothing.
    """
    made_for = {
        "model_version": model_version,
        "definitions": hashlib.sha256(definitions().encode()).hexdigest()[:12],
    }
    if previous is not None and made_for.items() <= previous.items():
        return dict(previous)
    before = given(previous) if previous is not None else {}
    segments = {str(i): Given.of(middle, before.get(i)).as_json() for i, middle in sorted(found.items())}
    return {**made_for, "segments": segments}


def given(anchor: Mapping[str, Any]) -> dict[int, Given]:
    """What each segment of an anchor is called."""
    return {int(i): Given.from_json(value) for i, value in anchor["segments"].items()}
