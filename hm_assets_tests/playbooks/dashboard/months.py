"""A made-up month as the dashboard reads it, and a page read back: its figures with their origin."""

import json
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.playbooks.dashboard import month, reading
from hm_assets.playbooks.metrics.figure import Figure, as_json
from hm_assets_tests.playbooks.test_outlook import outlook
from hm_assets_tests.profiles.page import months

NAMES = months.NAMES
PATHS = (
    *months.PATHS,
    "forecasts/segments",
    "forecasts/customers",
    "profiles/customer_movement",
    "playbooks/strategy",
)
VERSIONS = {path: f"v-{path}" for path in PATHS}
ORIGIN = ("asset", "segment", "kind", "fact", "field")


def rows(people: pa.Table | None = None, names: Mapping[int, str] = NAMES) -> dict[str, Any]:
    """A month of these customers, table by table."""
    people = months.shop() if people is None else people
    made = months.month(people, names, validity=validity())
    ids = sorted(set(people["segment_id"].to_pylist()))
    return {
        **{
            name: getattr(made, name) for name in ("profiles", "words", "transitions", "criteria", "validity")
        },
        **{"outlook": outlook(), "strategy": strategy(ids), "history": made.history},
        **{"worth": worth(people), "one_order_away": near(ids)},
    }


def told(people: pa.Table | None = None, names: Mapping[int, str] = NAMES, **changed: Any) -> month.Told:
    """Everything that the dashboard shows of them; `changed` are other rows of a table."""
    given = {**rows(people, names), **changed}
    aside = {name: given.pop(name) for name in ("worth", "one_order_away", "history")}
    return month.told(given, versions=VERSIONS, **aside)


def worth(people: pa.Table) -> list[dict[str, Any]]:
    """Of what was spent, and of a value that is half of it."""
    spent = np.asarray(people["spend_365d"])
    features = ibis.memtable(
        people.drop_columns("segment_id").append_column("value_12m", pa.array(spent / 2))
    )
    placed = months.assignments(people)
    return [row for of in (reading.SPENT, reading.EXPECTED) for row in reading.worth(features, placed, of)]


def near(ids: list[int]) -> list[dict[str, Any]]:
    """Nobody of the first segment, and more of each that follows."""
    return [{"segment_id": i, "customers": 400, "rises": 60 * place or None} for place, i in enumerate(ids)]


def validity() -> list[dict[str, Any]]:
    return [
        {**row, "effect_name": "omega_squared", "verdict": f"says of {row['fact']}"}
        for row in months.validity()
    ]


def strategy(ids: list[int]) -> list[dict[str, Any]]:
    """A line of each segment whose figure is assumed."""
    assumed = Figure("playbooks/strategy", "", "lift", "value", 0.05, "5 %", "outcome", assumption=True)
    return [
        {
            **{"segment_id": i, "part": "outcome", "position": 1},
            "pieces": json.dumps(as_json(["They order ", assumed, " more often."])),
        }
        for i in ids
    ]


class Page(HTMLParser):
    """The figures of a page: their origin, which a figure or what stands around it says, value and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.around: list[dict[str, str]] = []
        self.found: list[tuple[dict[str, str], list[str]]] = []
        self.into: list[str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        own = {name: value or "" for name, value in attributes}
        if tag in ("meta", "link", "input", "br", "rect", "line"):
            return
        self.around.append(own)
        if "data-value" in own:
            said = {
                name: next(each[f"data-{name}"] for each in reversed(self.around) if f"data-{name}" in each)
                for name in ORIGIN
            }
            self.into = []
            self.found.append(
                ({**said, "value": own["data-value"], "assumed": str("data-assumption" in own)}, self.into)
            )

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("meta", "link", "input", "br", "rect", "line"):
            self.around.pop()
            self.into = None

    def handle_data(self, data: str) -> None:
        if self.into is not None:
            self.into.append(data)

    @property
    def figures(self) -> list[dict[str, str]]:
        return [{**said, "text": "".join(text).replace("\u00a0", " ")} for said, text in self.found]
