"""Rules as rows of the tables, and back; and what customers have, as cross-selling reads it."""

import datetime as dt

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.recommendations.complements import tables
from hm_assets.recommendations.complements.cross_sell import Holdings, holdings
from hm_assets.recommendations.complements.lists import Catalogue, complements
from hm_assets.recommendations.complements.made import ARTICLE, PRODUCT_TYPE, WINDOW_DAYS, types_of
from hm_assets.recommendations.complements.rules import Rules
from hm_assets.segments.tables import NO_PURCHASE
from hm_assets.warehouse.schema import Table

FIGURES = (
    "baskets", "customers", "support", "confidence", "lift", "adjusted_lift", "low", "high", "p_adjusted",
)  # fmt: skip


def of_rules(rules: Rules, level: str, known: Catalogue, month: dt.date, as_of: dt.date) -> pa.Table:
    """Rows of `recommendations/rules` of a level."""
    if level == ARTICLE:
        names, a, b = known.ids, known.at(rules.antecedent), known.at(rules.consequent)
        colours = known.same_product(rules.antecedent, rules.consequent)
    else:
        names, a, b = known.types, rules.antecedent, rules.consequent
        colours = np.zeros(len(a), dtype=bool)
    named = np.array(names, dtype=object)
    columns = {
        "level": np.full(len(a), level, dtype=object),
        "antecedent": named[a] if len(a) else named[:0],
        "consequent": named[b] if len(b) else named[:0],
        "relation": np.where(colours, tables.ANOTHER_COLOUR, tables.COMPLEMENT).astype(object),
    }
    return _table(tables.RULES, columns, rules, month, as_of)


def of_lists(rules: Rules, known: Catalogue, month: dt.date, as_of: dt.date) -> pa.Table:
    """Rows of `recommendations/bought_together`, from the rules of articles."""
    kept, rank = complements(rules, known)
    columns = {"article_key": kept.antecedent, "rank": rank, "other_key": kept.consequent}
    return _table(tables.BOUGHT_TOGETHER, columns, kept, month, as_of)


def read(stored: ibis.Table, level: str, known: Catalogue) -> Rules:
    """The rules of a level from rows of `recommendations/rules` of one month, in their order.

    `tested` is 0: what was tested has been adjusted for.
    """
    rows = stored.filter(stored.level == level)
    order = ["antecedent", ibis.desc("confidence"), "consequent"]
    found = rows.order_by(order).to_pyarrow()
    names = known.ids if level == ARTICLE else known.types
    place = {name: i for i, name in enumerate(names)}
    keys = known.articles if level == ARTICLE else np.arange(len(names))

    def keyed(column: str) -> np.ndarray:
        return keys[np.array([place[name] for name in found[column].to_pylist()], dtype=np.int64)]

    return Rules(
        keyed("antecedent"),
        keyed("consequent"),
        **{name: found[name].to_numpy() for name in FIGURES},
        tested=0,
    )


def what_customers_have(
    lines: ibis.Table, assignments: ibis.Table, known: Catalogue, as_of: dt.date
) -> Holdings:
    """Product types that customers with a segment bought within a year.

    Parameters
    ----------
    lines
        `raw/transactions` of the months that hold this year.
    assignments
        `segments/assignments` of one month.
    """
    people = (
        assignments.filter(assignments.segment_id != NO_PURCHASE)
        .select("customer_key", "segment_id")
        .order_by("customer_key")
        .to_pyarrow()
    )
    first = ibis.literal(as_of - dt.timedelta(days=WINDOW_DAYS[PRODUCT_TYPE]), "date")
    bought = lines.filter(
        (lines.t_dat <= ibis.literal(as_of, "date")) & (lines.t_dat > first) & (lines.price > 0)
    )
    pairs = bought.join(types_of(known), "article_key").select("customer_key", "item").distinct()
    rows = pairs.order_by("customer_key", "item").to_pyarrow()
    keys = people["customer_key"].to_numpy()
    mine = np.searchsorted(keys, rows["customer_key"].to_numpy())
    there = (
        keys[np.minimum(mine, max(len(keys) - 1, 0))] == rows["customer_key"].to_numpy()
        if len(keys)
        else mine < 0
    )
    return holdings(
        mine[there].astype(np.int64),
        rows["item"].to_numpy()[there],
        len(known.types),
        people["segment_id"].to_numpy().astype(np.int64),
    )


def _table(
    table: Table,
    columns: dict[str, np.ndarray],
    rules: Rules,
    month: dt.date,
    as_of: dt.date,
) -> pa.Table:
    schema, count = table.arrow_schema(), len(rules.antecedent)
    dates = {name: [day] * count for name, day in (("as_of", as_of), ("month", month))}
    figures = {name: getattr(rules, name) for name in FIGURES}
    whole = {**columns, **figures, **dates}
    arrays = [pa.array(whole[field.name]).cast(field.type) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)
