"""The smallest change of behaviour that would move a customer up, found by asking the model itself.

"Up" is a segment whose customers spend more in a year. The change that is tried is the one that a marketer can ask for:
n more orders within 30 days, each like the customer's usual one (the order of median spend), spread evenly. For each n
the orders are added to the customer's own purchases, features are made of all of it, and the model places the result;
so the answer is what the model would say, and nothing about how likely the customer is to do it (a counterfactual in
the sense of Wachter et al. 2017, with one feature that a person can act on).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from hm_assets.explore.words import day
from hm_assets.serving.pipeline import CustomerSegmentationPipeline
from hm_assets.serving.preprocess import PURCHASES

WITHIN_DAYS: Final = 30
MOST_ORDERS: Final = 12


@dataclass(frozen=True)
class Change:
    """What would be.

    Attributes
    ----------
    orders
        The fewest that move the customer up; None where up to `MOST_ORDERS` do not.
    segment
        The segment that they lead to; None without.
    otherwise
        The segment after the same days without any order.
    by
        The day on which all of this would be true.
    usual
        The lines of one usual order.
    """

    orders: int | None
    segment: int | None
    otherwise: int
    by: dt.date
    usual: tuple[Mapping[str, Any], ...]


def smallest_change(
    pipeline: CustomerSegmentationPipeline, lines: Sequence[Mapping[str, Any]], as_of: dt.date
) -> Change | None:
    """The smallest change; None for who has not bought, and where nothing is above their segment.

    Parameters
    ----------
    pipeline
        The model.
    lines
        All purchases of the customer up to `as_of`: `t_dat`, `article_id`, `price`, `sales_channel_id`.
    as_of
        The day of today.
    """
    if not lines:
        return None
    by = as_of + dt.timedelta(days=WITHIN_DAYS)
    usual = usual_order(lines)
    # One customer per number of orders, all in one query.
    tried = [(n, line) for n in range(MOST_ORDERS + 1) for line in [*lines, *more_orders(usual, n, as_of)]]
    placed = pipeline.predict_segment(pipeline.preprocess(as_table(tried), by))
    after = dict(zip(placed["customer_key"].to_pylist(), placed["segment_id"].to_pylist(), strict=True))
    at_present = pipeline.predict_segment(pipeline.preprocess(as_table([(0, line) for line in lines]), as_of))
    worth = {i: s.fact("spend_365d") or 0.0 for i, s in pipeline.published.segments.items()}
    now = worth.get(at_present["segment_id"][0].as_py(), 0.0)
    if not any(value > now for value in worth.values()):
        return None
    orders = next((n for n in range(1, MOST_ORDERS + 1) if worth.get(after[n], 0.0) > now), None)
    return Change(orders, None if orders is None else after[orders], after[0], by, tuple(usual))


def usual_order(lines: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The lines of the order (day and channel) of median spend; of two in the middle the smaller, of equals the
    last."""
    orders: dict[tuple[Any, Any], list[Mapping[str, Any]]] = {}
    for line in lines:
        orders.setdefault((line["t_dat"], line["sales_channel_id"]), []).append(line)
    ranked = sorted(orders.items(), key=lambda each: (sum(line["price"] for line in each[1]), each[0]))
    middle = ranked[(len(ranked) - 1) // 2][1]
    spend = sum(line["price"] for line in middle)
    equal = [found for _, found in ranked if sum(line["price"] for line in found) == spend]
    return equal[-1]


def more_orders(usual: Sequence[Mapping[str, Any]], count: int, as_of: dt.date) -> list[dict[str, Any]]:
    """The lines of so many such orders, evenly over the days after `as_of`, the last one on the last day."""
    days = [as_of + dt.timedelta(days=WITHIN_DAYS * n // count) for n in range(1, count + 1)]
    return [{**line, "t_dat": day} for day in days for line in usual]


def as_table(lines: Sequence[tuple[int, Mapping[str, Any]]]) -> pa.Table:
    """(customer, line) as a table of `PURCHASES`."""
    rows = [
        {
            "customer_key": key,
            "t_dat": line["t_dat"],
            "article_key": int(line["article_id"]),
            "price": line["price"],
            "sales_channel_id": line["sales_channel_id"],
        }
        for key, line in lines
    ]
    return pa.Table.from_pylist(rows, schema=PURCHASES)


def in_words(change: Change | None, pipeline: CustomerSegmentationPipeline) -> str:
    """The change in a sentence or two."""
    if change is None:
        return "No segment whose customers spend more is above theirs."
    units = len(change.usual)
    like = f"like their usual one ({units} {'item' if units == 1 else 'items'})"
    rest = pipeline.published.segment(change.otherwise).name
    without = f"Without any order until {day(change.by)}, the model would place them in “{rest}”."
    if change.orders is None:
        return (
            f"Up to {MOST_ORDERS} more orders {like} within {WITHIN_DAYS} days would not move them to a segment whose "
            f"customers spend more. {without}"
        )
    there = pipeline.published.segment(change.segment or 0).name
    orders = "One more order" if change.orders == 1 else f"{change.orders} more orders"
    return (
        f"{orders} {like} within {WITHIN_DAYS} days would move them to “{there}”. {without} "
        "This is what the model would say, not how likely they are to order."
    )
