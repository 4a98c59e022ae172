"""Which sections are bought by the same customers, more often than their size and the customers' breadth explain.

Whoever buys in many sections buys in any two of them, so the plain lift of almost every pair is above 1. Here the
number of customers expected in both is summed over customers with an equal number of sections, k: n_a n_b / n of
them, times (k - 1) S / (k (S - 1)), since of S sections k different ones are drawn, not k with repetition. A
lift of 1 then says that the two go together no more than any two sections of the same customers do.
"""

import itertools
import math
from typing import Any

import ibis

from hm_assets.explore.measures import rows, steady

Row = dict[str, Any]
MOST_SECTIONS = 24
MIN_SUPPORT, FEWEST_CUSTOMERS = 0.005, 20
Z = 1.959963984540054
UNKNOWN = "unknown"


def affinity_network(attributes: ibis.Table, articles: ibis.Table) -> list[Row]:
    """The rows of `explore/affinity_network`, highest lift first.

    Parameters
    ----------
    attributes
        `features/customer_attributes` of the months that count.
    articles
        `articles/articles`: the index group of a section is the one with most of its articles.
    """
    bought = attributes.filter(attributes.attribute == "section", attributes["value"] != UNKNOWN)
    bought = bought.select("customer_key", section=bought["value"]).distinct()
    sizes = rows(bought.group_by("section").agg(customers=ibis._.count()))
    largest = sorted(sizes, key=lambda line: (-line["customers"], line["section"]))[:MOST_SECTIONS]
    if len(largest) < 2:
        return []
    kept = bought.filter(bought.section.isin([line["section"] for line in largest]))
    placed = kept.mutate(breadth=kept.section.count().over(group_by="customer_key"))
    strata = rows(placed.group_by("section", "breadth").agg(customers=ibis._.count()))
    total = kept.customer_key.nunique().to_pyarrow().as_py()
    together = _together(kept)
    groups = _index_groups(articles)
    found = []
    for (a, b), expected in expectations(strata).items():
        both = together.get((a, b), 0)
        if both < max(FEWEST_CUSTOMERS, MIN_SUPPORT * total) or expected <= 0:
            continue
        half = Z / math.sqrt(both)  # of the log of a Poisson count
        found.append(
            {
                "section_a": a,
                "section_b": b,
                "index_group_a": groups.get(a, UNKNOWN),
                "index_group_b": groups.get(b, UNKNOWN),
                "customers_a": _size(sizes, a),
                "customers_b": _size(sizes, b),
                "customers_both": both,
                "support": steady(both / total),
                "lift": steady(both / expected),
                "low": steady(both / expected * math.exp(-half)),
                "high": steady(both / expected * math.exp(half)),
                "plain_lift": steady(both * total / (_size(sizes, a) * _size(sizes, b))),
            }
        )
    return sorted(found, key=lambda line: (-line["lift"], line["section_a"], line["section_b"]))


def _together(kept: ibis.Table) -> dict[tuple[str, str], int]:
    other = kept.select("customer_key", section_b=kept.section)
    pairs = kept.select("customer_key", section_a=kept.section).join(other, "customer_key")
    pairs = pairs.filter(pairs.section_a < pairs.section_b)
    counted = rows(pairs.group_by("section_a", "section_b").agg(customers=ibis._.count()))
    return {(line["section_a"], line["section_b"]): line["customers"] for line in counted}


def expectations(strata: list[Row]) -> dict[tuple[str, str], float]:
    """Customers expected in both sections of each pair, given how many sections each customer buys in."""
    counts = {(line["section"], line["breadth"]): line["customers"] for line in strata}
    sections = sorted({section for section, _ in counts})
    breadths = sorted({breadth for _, breadth in counts if breadth > 1})
    many = len(sections)
    found = {}
    for a, b in itertools.combinations(sections, 2):
        expected = 0.0
        for k in breadths:
            customers = sum(counts.get((section, k), 0) for section in sections) / k
            drawn = (k - 1) * many / (k * (many - 1))
            expected += counts.get((a, k), 0) * counts.get((b, k), 0) / customers * drawn
        found[a, b] = expected
    return found


def _size(sizes: list[Row], section: str) -> int:
    return next(int(line["customers"]) for line in sizes if line["section"] == section)


def _index_groups(articles: ibis.Table) -> dict[str, str]:
    named = articles.filter(articles.section_name.notnull(), articles.index_group_name.notnull())
    counted = rows(
        named.group_by(section=named.section_name, group=named.index_group_name).agg(articles=ibis._.count())
    )
    ordered = sorted(counted, key=lambda line: (line["articles"], line["group"]))
    return {line["section"]: line["group"] for line in ordered}
