"""What one month's dashboard shows: rows that may be told, and the figures that stand in them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hm_assets.playbooks import outlook as outlook_sentences
from hm_assets.playbooks.dashboard.parts import NOT_IN_DATA, Content, clipped
from hm_assets.playbooks.facts import ASSET as PROFILES
from hm_assets.playbooks.metrics import gather
from hm_assets.playbooks.metrics.figure import ALL, Figure, Sentence, from_json
from hm_assets.playbooks.metrics.store import Store
from hm_assets.playbooks.outlook import TOO_FEW
from hm_assets.profiles.fairness import privacy
from hm_assets.profiles.fairness.privacy import segments_withheld
from hm_assets.profiles.page.month import Month, Row, Rows
from hm_assets.profiles.words.pieces import Piece
from hm_assets.warehouse.calendar import month_of


@dataclass(frozen=True)
class Told:
    """One month's rows, of which nothing tells of fewer than twenty customers.

    Attributes
    ----------
    month
        Rows of the profiles' stage, with segments' names, colours and order.
    store
        The figures of profiles and outlook.
    sizes
        Customers of each segment.
    withheld
        Facts of a segment that are known and not told.
    full_names
        Of the segments, as files are named after them.
    worth, one_order_away
        Of `reading`; empty where there is nothing.
    outlook, strategy
        Of `forecasts/segments` and `playbooks/strategy`; empty where they were not made.
    """

    month: Month
    store: Store
    sizes: Mapping[int, int]
    withheld: frozenset[tuple[int, str]]
    full_names: Mapping[int, str]
    worth: Rows = ()
    one_order_away: Rows = ()
    outlook: Rows = ()
    strategy: Rows = ()

    def cell(self, segment: int | str, fact: str, field: str = "value") -> Content:
        """A figure as a cell of a table; where there is none, why."""
        figure = self.store.get(str(segment), fact, field)
        if figure is not None:
            return figure
        hidden = segment != ALL and (int(segment), fact) in self.withheld
        return TOO_FEW if hidden else NOT_IN_DATA

    def of_kind(self, segment: int, kind: str, fact: str, field: str) -> Content:
        """A figure of a kind of taste: two kinds may have a value of the same name."""
        return self.store.figures.get((PROFILES, str(segment), kind, fact, field), NOT_IN_DATA)

    def base(self, fact: str) -> Content:
        """The figure of all customers who have bought, beside which those of the segments stand."""
        found = (self.store.get(str(i), fact, "base") for i in self.month.ids)
        return next((figure for figure in found if figure is not None), NOT_IN_DATA)

    @cached_property
    def expected(self) -> Mapping[str, Sequence[Sentence]]:
        """What each segment, and all, will do next, in sentences."""
        return outlook_sentences.sentences(self.outlook, (), self.sizes)

    def said(self, segment: int, kind: str) -> list[Sentence]:
        """What `profiles/segment_words` says of a segment, with its figures."""
        rows = [r for r in self.month.words if r["segment_id"] == segment and r["kind"] == kind]
        return [self._sentence(row) for row in sorted(rows, key=lambda r: int(r["position"]))]

    def planned(self, segment: int, part: str) -> list[Sentence]:
        """What `playbooks/strategy` says of a segment."""
        rows = [r for r in self.strategy if r["segment_id"] == segment and r["part"] == part]
        return [
            from_json(json.loads(row["pieces"])) for row in sorted(rows, key=lambda r: int(r["position"]))
        ]

    def _sentence(self, row: Row) -> Sentence:
        pieces = [Piece.from_json(piece) for piece in json.loads(row["pieces"])]
        return [self._figure(row["segment_id"], piece) or piece.text for piece in pieces]

    def _figure(self, segment: int, piece: Piece) -> Figure | None:
        key = (PROFILES, str(segment), str(piece.kind), str(piece.fact), piece.field)
        known = self.store.figures.get(key)
        return None if known is None else Figure(*key[:2], *key[3:], known.value, piece.text, key[2])


def told(
    rows: Mapping[str, Rows],
    *,
    versions: Mapping[str, str],
    worth: Rows = (),
    one_order_away: Rows = (),
    history: Rows = (),
) -> Told:
    """The month, without what would tell of fewer than twenty customers, and with names that fit on a page.

    Parameters
    ----------
    rows
        `profiles` (at least one row), `words`, `transitions`, `criteria`, `validity`, `outlook` and `strategy`: a
        month of each.
    versions
        Of the tables.
    worth, one_order_away
        Of `reading`.
    history
        Of `profiles/page/reading`: colours follow it.
    """
    profiles: list[dict[str, Any]] = [
        {**row, "segment_name": clipped(row["segment_name"])} for row in rows["profiles"]
    ]
    cells = privacy.withheld(profiles)
    clear = [row for row in privacy.without(profiles, cells) if not row["withheld"]]
    sizes = {row["segment_id"]: int(row["value"]) for row in profiles if row["fact"] == "customers"}
    hidden = segments_withheld(sizes)
    month = Month(
        profiles=clear,
        words=privacy.sayable(rows.get("words", ()), cells),
        # In one order, since sums of their spend are told.
        transitions=sorted(rows.get("transitions", ()), key=_flow),
        criteria=rows.get("criteria", ()),
        validity=rows.get("validity", ()),
        history=history,
    )
    outlook = [row for row in rows.get("outlook", ()) if row["segment"] not in {str(i) for i in hidden}]
    store = Store.of(
        month_of(month.as_of),
        month.as_of,
        {str(i): name for i, name in month.names.items()},
        [*gather.of_profiles(clear), *gather.of_outlook(outlook, sizes)],
        versions,
    )
    return Told(
        month,
        store,
        sizes,
        frozenset((segment, fact) for segment, _, fact in cells),
        {row["segment_id"]: row["segment_name"] for row in rows["profiles"]},
        [row for row in worth if row["segment_id"] not in hidden],
        [row for row in one_order_away if row["segment_id"] not in hidden],
        outlook,
        [row for row in rows.get("strategy", ()) if row["segment_id"] not in hidden],
    )


def _flow(row: Row) -> tuple[str, int, int]:
    return row["step"], row["from_segment"], row["to_segment"]
