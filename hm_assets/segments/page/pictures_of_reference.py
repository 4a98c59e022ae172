"""The four groups of a published analysis, named as it names them: k-means with k = 4 on spend, frequency and price."""

from collections.abc import Sequence

import numpy as np

from hm_assets.segments.page.called import Row, counted
from hm_assets.segments.page.pictured import Pictured
from hm_assets.segments.page.pictures_of_segments import COLOURS
from hm_assets.segments.space import Floats, numbers
from hm_assets.warehouse.charts import SYMBOLS, Block, Chart, NotEnough, axes

REFERENCE = ("kmeans", "spend_frequency_price", 4)
# In this order each name is given to the group that it fits best of those left.
DEFINITIONS = (
    ("High Spenders", "the highest median spend"),
    ("Frequent Shoppers", "of the others, the most days with a purchase"),
    ("Value Seekers", "of the others, the lowest price per item"),
    ("Occasional Buyers", "the rest"),
)
SOURCE = ("segments/candidates", "features/customer_features")


def reference(rows: Sequence[Row], people: Pictured) -> Block:
    """Bubbles: days with a purchase against spend, as large as the price of an item, a colour and a name per group."""
    title = "Four groups of a published analysis"
    found = next((row for row in rows if (row["algorithm"], row["space"], row["k"]) == REFERENCE), None)
    if found is None or found.get("model") is None:
        return NotEnough(
            "reference", title, "k-means with four segments on spend, frequency and price was not fitted"
        )
    _, labels = people.placed(found)
    columns = [numbers(people.rows, name) for name in ("purchase_days", "spend", "price_per_item")]
    used = [i for i in range(4) if (labels == i).any()]
    if len(used) < 4:
        return NotEnough("reference", title, f"{counted(4 - len(used), 'group')} of the four is empty")
    medians = np.array([[np.median(column[labels == i]) for column in columns] for i in used])
    names = named(medians)
    sizes = np.bincount(labels, minlength=4)[used]
    largest = medians[:, 2].max() or 1.0
    spenders = names.index("High Spenders")
    return Chart(
        "reference",
        f"Called as in a published analysis: {100 * sizes[spenders] / len(labels):.0f} % are High Spenders, who buy on "
        f"{medians[spenders, 0]:.0f} days at the median",
        [
            {
                "type": "scatter",
                "mode": "markers+text",
                "name": name,
                "x": [round(float(days), 1)],
                "y": [float(f"{spend:.4g}")],
                "text": [f"{name}<br>{sizes[i]:,} customers"],
                "textposition": "middle right" if days < np.median(medians[:, 0]) else "middle left",
                "marker": {
                    "size": 18 + 34 * float(price) / largest,
                    "color": COLOURS[i % len(COLOURS)],
                    "symbol": SYMBOLS[0],
                    "opacity": 0.75,
                },
                "hovertext": f"{name}: price of an item {price:.3g}",
                "hoverinfo": "text",
            }
            for i, (name, (days, spend, price)) in enumerate(zip(names, medians, strict=True))
        ],
        axes("Days with a purchase (median)", "Spend (price index, median)"),
        SOURCE,
        f"n = {len(labels):,} customers; k-means, k = 4, standardised logarithms of spend, frequency and price",
        "How to read it: the larger the bubble, the dearer an item. "
        + "; ".join(f"{name}: {what}" for name, what in DEFINITIONS)
        + ". A reference run: it places nobody.",
        height=460,
    )


def named(medians: Floats) -> list[str]:
    """The names of four groups by their medians of frequency, spend and price per item (4 x 3), in their order."""
    scores = (-medians[:, 1], -medians[:, 0], medians[:, 2], np.zeros(len(medians)))
    names = [""] * len(medians)
    for (name, _), score in zip(DEFINITIONS, scores, strict=True):
        left = [i for i, given in enumerate(names) if not given]
        names[min(left, key=lambda i: (score[i], i))] = name
    return names
