"""A shop whose customers have one taste each, in words and attributes, and which launches a garment every few days."""

import datetime as dt

import numpy as np
import pyarrow as pa

from hm_assets.articles import text
from hm_assets.articles.vectorising import Vectoriser
from hm_assets.recommendations.launch.garments import ATTRIBUTES, Garments, catalogue

FIRST, LAST = dt.date(2019, 1, 1), dt.date(2019, 12, 31)
TASTES = (
    ("Dress", "floral airy cotton dress with puff sleeves and a frilled hem", "Ladies"),
    ("Hoodie", "heavy oversized hoodie in brushed sweatshirt fabric with a kangaroo pocket", "Men"),
    ("Leggings", "fast-drying sports leggings with a wide waistband and phone pocket", "Sport"),
    ("Romper", "soft jersey baby romper with press-studs and printed bears", "Baby"),
)
OLD, NEW = 60, 120
"""Articles that are sold from the first day, and launched ones, one every third day from day 60 on."""


def articles() -> pa.Table:
    """Rows of `articles/articles`: each of one taste, in one of three colours."""
    rows = []
    for what in range(OLD + NEW):
        kind, words, who = TASTES[what % 4]
        values = dict.fromkeys(ATTRIBUTES, f"{kind} things") | {
            "product_type_name": kind,
            "index_name": who,
            "colour_group_name": ("Black", "White", "Red")[what % 3],
        }
        rows.append(
            {
                "article_id": f"{key(what):010d}",
                "article_key": key(what),
                "product_code": f"{key(what):010d}"[:7],
                "prod_name": f"{kind} {what}",
                **dict.fromkeys(("perceived_colour_master_name", "index_group_name")),
                **values,
                "detail_desc": f"{words}, style {what % 5}",
            }
        )
    return pa.Table.from_pylist(rows).sort_by("article_key")


def vectoriser() -> Vectoriser:
    """Fitted on the texts of the range."""
    return Vectoriser.fit([each.text for each in _documents()], "fashion", 1, 8)


def embeddings() -> pa.Table:
    """Rows of `articles/embeddings`."""
    documents, fitted = _documents(), vectoriser()
    texts = [each.text for each in documents]
    vectors = fitted.embed(fitted.terms.weights(fitted.terms.counts(texts)))
    return pa.table({"product_code": [each.product_code for each in documents], "vector": vectors.tolist()})


def garments() -> Garments:
    """The range."""
    return catalogue(articles(), embeddings())


def _documents() -> list[text.Document]:
    return text.documents(articles().to_pylist())


def lines(customers: int = 160, seed: int = 0, shuffled: bool = False) -> pa.Table:
    """Rows of `raw/transactions`; with `shuffled` what is launched is bought by anybody."""
    rng = np.random.default_rng(seed)
    days = (LAST - FIRST).days + 1
    launched = {OLD + i: 60 + i * 5 // 2 for i in range(NEW)}
    rows = []
    for who in range(customers):
        for day in np.flatnonzero(rng.random(days) < 0.05):
            mine = [what for what in range(who % 4, OLD, 4)]
            # Half of what is bought is new: launched within the last 30 days.
            fresh = [what for what, first in launched.items() if 0 <= day - first < 30]
            if not shuffled:
                fresh = [what for what in fresh if what % 4 == who % 4]
            pool = fresh if fresh and rng.random() < 0.5 else mine
            rows.append((int(day), 1000 + who, int(rng.choice(pool))))
    day, who, what = (np.array(column) for column in zip(*sorted(rows), strict=True))
    dates = np.datetime64(FIRST) + day
    return pa.table(
        {
            "t_dat": pa.array(dates, pa.date32()),
            "customer_key": who,
            "article_key": key(what),
            "price": (what % 4 + 2 + (day % 10 == 0)) / 59,
            "sales_channel_id": pa.array(who % 2 + 1, pa.int8()),
            "month": pa.array(dates.astype("datetime64[M]").astype("datetime64[D]"), pa.date32()),
        }
    )


def key(what):
    """Keys of articles by number; the first seven digits differ, so each is a product."""
    return (
        100_000_001 + 1000 * np.asarray(what).astype(np.int64)
        if np.ndim(what)
        else 100_000_001 + 1000 * int(what)
    )
