"""The recommenders that are tried, simplest first."""

from hm_assets.recommendations.ladder import own, popular
from hm_assets.recommendations.ladder.rung import Rung

BESTSELLERS, REPURCHASE, REPURCHASE_FILLED = "bestsellers", "repurchase", "repurchase_filled"
DECAYED = "decayed_frequency"

RUNGS = (
    Rung(BESTSELLERS, popular.fit, baseline=True),
    Rung(REPURCHASE, own.by_frequency, fill=False, baseline=True),
    Rung(REPURCHASE_FILLED, own.by_frequency, baseline=True),
    Rung(DECAYED, own.decayed(), baseline=True),
)
