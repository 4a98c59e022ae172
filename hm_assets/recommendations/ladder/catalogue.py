"""The recommenders that are tried, simplest first, and those for articles that a customer never bought."""

from hm_assets.recommendations.ladder import own, popular
from hm_assets.recommendations.ladder.als import Als
from hm_assets.recommendations.ladder.cold_start import ColdStart
from hm_assets.recommendations.ladder.content import ByContent
from hm_assets.recommendations.ladder.factors import Svd
from hm_assets.recommendations.ladder.hybrid import Hybrid
from hm_assets.recommendations.ladder.item_item import ItemItem
from hm_assets.recommendations.ladder.linear import Ease
from hm_assets.recommendations.ladder.neighbours import Neighbours
from hm_assets.recommendations.ladder.rung import Rung
from hm_assets.recommendations.ladder.svd_plus_plus import SvdPlusPlus

BESTSELLERS, REPURCHASE, REPURCHASE_FILLED = "bestsellers", "repurchase", "repurchase_filled"
DECAYED, COLD_START, CONTENT = "decayed_frequency", "cold_start", "content"
ITEM_ITEM, ITEM_ITEM_BM25, NEIGHBOURS, EASE = "item_item", "item_item_bm25", "neighbours", "ease"
ALS, SVD, SVD_PLUS_PLUS, HYBRID = "als", "svd", "svd_plus_plus", "hybrid"

RUNGS = (
    Rung(BESTSELLERS, popular.fit, baseline=True, words="what everybody bought most in the last seven days"),
    Rung(
        COLD_START,
        ColdStart(),
        words="what their segment and age band bought most in the last two weeks",
    ),
    Rung(
        REPURCHASE, own.by_frequency, fill=False, baseline=True, words="what they bought most often, no more"
    ),
    Rung(
        REPURCHASE_FILLED,
        own.by_frequency,
        baseline=True,
        words="what they bought most often, then bestsellers",
    ),
    Rung(
        DECAYED,
        own.decayed(),
        baseline=True,
        words="what they bought most often, an older purchase counting less",
    ),
    Rung(CONTENT, ByContent(), words="articles that sell now with texts and topics like those they bought"),
    Rung(ITEM_ITEM, ItemItem(nearest=3), words="articles that the same customers buy as theirs, by cosine"),
    Rung(
        ITEM_ITEM_BM25,
        ItemItem("bm25", nearest=8),
        words="articles that the same customers buy as theirs, by BM25",
    ),
    Rung(NEIGHBOURS, Neighbours(), words="their own purchases and those of customers with the same taste"),
    Rung(EASE, Ease(), words="a linear model of every article by all others (EASE)"),
    Rung(ALS, Als(), words="factors of customers and articles by alternating least squares"),
    Rung(SVD, Svd(), words="truncated SVD of logarithms of amounts, for comparison"),
    Rung(SVD_PLUS_PLUS, SvdPlusPlus(), words="SVD++ on logarithms of amounts, for comparison"),
    Rung(
        HYBRID,
        Hybrid((Neighbours(), own.decayed(90), ItemItem(), ByContent(), ColdStart())),
        words="several of these mixed by place, with weights from the week before",
    ),
)

FIRST_TIME = (
    Rung(
        "ease_new",
        Ease(ridge=500, half_life=60, owned=False, trend=0.5),
        fill=False,
        words="a linear model of every article by all others, those in season first, for new articles",
    ),
)
"""For articles that a customer never bought: judged on these, never taken for the lists."""
