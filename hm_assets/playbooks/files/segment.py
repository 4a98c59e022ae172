"""The pages of a segment: its one-pager, its chapter in the playbook, and its card."""

import math
from collections.abc import Sequence
from typing import Final

from hm_assets.playbooks.facts import NO_PURCHASE
from hm_assets.playbooks.files import words
from hm_assets.playbooks.files.blocks import (
    Bar,
    Block,
    bars,
    bullets,
    columns,
    heading,
    numbers,
    pairs,
    paragraph,
    when,
)
from hm_assets.playbooks.files.contents import Contents
from hm_assets.playbooks.strategy.tables import PARTS
from hm_assets.profiles.wording import WORDINGS
from hm_assets.segments.page.pictures_of_segments import COLOURS
from hm_assets.warehouse.pictures import BLUE, GREY

SHOWN_FACTS: Final = (
    "recency_days",
    "orders_365d",
    "spend_365d",
    "spend_per_order",
    "items_per_order",
    "online_share",
    "discount_share",
    "fashion_news",
)
CARD: Final = ("channel", "tone", "offer", "frequency", "outcome", "budget", "owner")
FURTHER: Final = ("changed", "strength", "pain", "retention", "growth", "journey", "missing")
MIDDLE: Final = 0.5
LONGEST_INDEX: Final = 400.0  # the bar ends there; the figure beside it does not


def colour(c: Contents, segment: str) -> str:
    """A segment's colour: by its id, so that it is the one of the dashboard and stays when shares change."""
    return GREY if segment == str(NO_PURCHASE) else COLOURS[c.by_id.index(segment) % len(COLOURS)]


def one_pager(c: Contents, segment: str) -> list[Block]:
    """A page that says who they are, what tells them apart and what to do."""
    return [*_head(c, segment), *_middle(c, segment, tactics=3), *_card(c, segment), *_products(c, segment)]


def chapter(c: Contents, segment: str) -> list[Block]:
    """The same with everything else that the strategy says of them."""
    further = [
        (heading(PARTS[part], 3), bullets(c.said(segment, part))) for part in FURTHER if c.said(segment, part)
    ]
    return [
        *_head(c, segment),
        *_middle(c, segment, tactics=5),
        *_card(c, segment),
        *_products(c, segment),
        *(block for pair in further for block in pair),
    ]


def card(c: Contents, segment: str) -> list[Block]:
    """A quarter of a page: their size, what tells them apart, and the first things to do."""
    sizes = [*words.told(words.size(c, segment)), *words.outlook(c, segment)[:1]]
    said = [*c.said(segment, "tactic", 1)] or list(c.said(segment, "strength", 2))
    return [
        heading(c.name(segment), 3),
        bullets(sizes),
        *when(
            c.said(segment, "defining"),
            heading(PARTS["defining"], 3),
            bullets(c.said(segment, "defining", 3)),
        ),
        *when(
            said,
            heading(PARTS["tactic"] if c.said(segment, "tactic") else PARTS["strength"], 3),
            bullets(said),
        ),
    ]


def index_bars(c: Contents, segment: str) -> list[Block]:
    """How they lie beside all customers (index 100), in doublings and halvings."""
    rows: list[tuple[str, Sequence[Bar]]] = []
    for fact in SHOWN_FACTS:
        index, value = c.get(segment, fact, "index_to_base"), c.get(segment, fact)
        if index is not None and value is not None:
            end = _position(index.value)
            tint = BLUE if end > MIDDLE else GREY
            start = min(end, MIDDLE)
            rows.append((WORDINGS[fact].label, [Bar(abs(end - MIDDLE), value.text, tint, start)]))
    note = "The upright line is everybody who has bought; to the right is more. The ends are four times and a quarter."
    return when(rows, bars("Beside all customers", rows, mark=MIDDLE, note=note, label_width=40))


def _position(index: float) -> float:
    """A quarter lies at 0, everybody in the middle, four times at 1."""
    doublings = math.log2(min(max(index, 25.0), LONGEST_INDEX) / 100)
    return MIDDLE + doublings / 4


def _head(c: Contents, segment: str) -> list[Block]:
    who = c.said(segment, "who", 1) or words.told(words.size(c, segment))
    return [
        heading(c.name(segment), 1, f"Segment playbook, {c.month}"),
        *when(c.banner, paragraph(c.banner, "note")),
        *(paragraph(line, "lead") for line in who),
        numbers(
            [
                ("Customers", c.get(segment, "customers"), "on that day"),
                ("Share of customers", c.get(segment, "share_of_customers"), "of all who have bought"),
                ("Share of spend", c.get(segment, "share_of_spend_365d"), "last 365 days"),
                ("Order in 90 days", c.get(segment, "ordering_90d"), "expected"),
                ("Expected spend", c.get(segment, "value_12m"), "price index, each"),
            ]
        ),
    ]


def _middle(c: Contents, segment: str, tactics: int) -> list[Block]:
    todo = c.said(segment, "tactic", tactics)
    left = [
        *when(
            c.said(segment, "defining"), heading(PARTS["defining"]), bullets(c.said(segment, "defining", 5))
        ),
        *index_bars(c, segment),
    ]
    right = [
        *when(todo, heading("What to do"), bullets(todo, "steps")),
        *when(not c.has_strategy, _no_strategy(c, segment)),
        *_expected(c, segment),
    ]
    return [columns(left, right, (9, 12))] if left else right


def _expected(c: Contents, segment: str) -> list[Block]:
    said = [*words.outlook(c, segment), *words.told(words.future_size(c, segment))]
    small = "Brackets are 80 % intervals."
    return when(said, heading("What they will do next"), bullets(said), paragraph(small, "small"))


def _card(c: Contents, segment: str) -> list[Block]:
    told = [(PARTS[part], c.said(segment, part)) for part in CARD if c.said(segment, part)]
    return when(told, heading("Strategy card"), pairs(told, 13))


def _products(c: Contents, segment: str) -> list[Block]:
    found = words.products(c, segment, 5)
    return when(found, heading(PARTS["product"]), bullets(found))


def _no_strategy(c: Contents, segment: str) -> Block:
    more = [*c.said(segment, "strength", 3), *c.said(segment, "pain", 3)]
    first: list[str] = ["The strategy of this month was not made, so no step is advised here."]
    return bullets([*first, *more])
