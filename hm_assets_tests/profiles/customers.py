"""Made-up customers as the columns that facts and names are computed from."""

from collections.abc import Sequence

import numpy as np

from hm_assets.profiles.members import ATTRIBUTES, BEHAVIOUR, RHYTHM, Columns


def columns(segment_id: Sequence[int], **given: Sequence[float]) -> Columns:
    """Columns as `members.members` gives them; behaviour that is not given is 0, the rest is unknown."""
    n = len(segment_id)
    defaults = {name: np.zeros(n) for name in BEHAVIOUR} | {
        name: np.full(n, np.nan) for name in (*RHYTHM, *ATTRIBUTES)
    }
    values = {name: np.asarray(value, dtype=float) for name, value in given.items()}
    return {"segment_id": np.asarray(segment_id), **defaults, **values}
