"""1/10 of CDNOW's customers who first bought in the first quarter of 1997, as of 39 weeks after its beginning.

Published for teaching by Fader and Hardie (brucehardie.com/datasets, "CDNOW customer-base data"); taken from the copy
in the `lifetimes` package (MIT licence). Columns: x, t_x and T in days, mean spend in dollars on days after the first.
"""

from pathlib import Path

import numpy as np

from hm_assets.forecasts.buyers.histories import Histories
from hm_assets.segments.space import Floats

WEEK = 7.0


def cdnow() -> tuple[Histories, Floats]:
    """Histories in weeks, as in the papers, and mean spend."""
    x, t_x, since, mean = np.loadtxt(Path(__file__).parent / "cdnow.csv.gz", delimiter=",", skiprows=1).T
    return Histories(x, t_x, since).in_units_of(WEEK), mean
