"""What a playbook says of what comes next: the tables' figures with their origin, and nothing of few customers."""

import re
from html.parser import HTMLParser
from pathlib import Path

from hm_assets.playbooks.documents import write_playbooks
from hm_assets.playbooks.metrics.figure import Figure
from hm_assets.playbooks.outlook import sentences
from hm_assets_tests.playbooks.examples import AS_OF, MONTH, SOURCE, VERSIONS, rows

SIZES = {1: 272_456, 2: 549_000, 3: 540_825}


def told(segment: str, measure: str, value: float | None, customers: int = 1000, unit: str = "share") -> dict:
    ends = (None, None) if value is None else (0.9 * value, 1.1 * value)
    return {
        **{"segment": segment, "measure": measure, "value": value, "low": ends[0], "high": ends[1]},
        **{"customers": customers, "unit": unit},
    }


def outlook(late: tuple[float, float, float] = (0.4, 0.5, 0.6)) -> list[dict]:
    return [
        row
        for segment, share in (*zip("123", late, strict=True), ("all", 0.5))
        for row in (
            told(segment, "ordering_90d", 0.5),
            *(told(segment, name, 0.25, unit="price index") for name in ("value_90d", "value_90d_sum")),
            *(told(segment, name, 0.75, unit="price index") for name in ("value_12m", "value_12m_sum")),
            told(segment, "past_cadence", share),
        )
    ]


def reason(segment: str, moved: int = 600) -> dict:
    return {
        **{"segment": segment, "rank": 1, "theme": "last order", "effect": "lowers"},
        **{"share": moved / 1000, "moved": moved, "customers": 1000},
    }


def plain(said: list) -> str:
    return " ".join("".join(p if isinstance(p, str) else p.text for p in sentence) for sentence in said)


def test_a_segment_is_told_what_comes_next_beside_everybody():
    said = sentences(outlook(), [reason("1")], SIZES)
    assert plain(said["1"]) == (
        "50 % (45 % to 55 %) of them are expected to order within 90 days, of all customers 50 %. "
        "Each is expected to spend 0.25 (0.225 to 0.275) in the next 90 days and 0.75 (0.675 to 0.825) in the next 12 "
        "months, in the price index. 40 % are late by their own rhythm. "
        "What moves their chance of an order most is “last order”: it lowers it for 60 % of them."
    )
    assert plain(said["all"]).startswith(
        "50 % (45 % to 55 %) of all customers are expected to order within 90 days. "
    )
    assert "Together they are expected to spend" in plain(said["all"])


def test_of_few_customers_nothing_is_told():
    assert "2" not in sentences(outlook(), [], {1: 100, 2: 19, 3: 100})
    said = sentences(outlook((0.01, 0.5, 0.995)), [reason("1", 19), reason("2", 985)], SIZES)
    late = {i: "withheld: it would tell of fewer than 20 customers" in plain(said[i]) for i in "123"}
    # The one in the middle would give the small one away beside the share of all.
    assert late == {"1": True, "2": True, "3": True}
    assert not any("What moves" in plain(said[i]) for i in "123")


def test_without_a_model_nothing_is_said():
    empty = [row | {"value": None, "low": None, "high": None} for row in outlook()]
    assert sentences(empty, [], SIZES) == {}
    assert sentences([], [], SIZES) == {}


class Figures(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[dict] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        if dict(attributes).get("data-kind") == "outlook":
            self.found.append(dict(attributes))


def test_every_figure_on_the_pages_is_the_tables_own(tmp_path: Path):
    table = {(row["segment"], row["measure"]): row for row in outlook()}
    said = sentences(outlook(), [reason("1"), reason("all")], SIZES)
    arguments = {"as_of": AS_OF, "month": MONTH, "versions": VERSIONS, "source": SOURCE}
    written = write_playbooks(rows(), reports=tmp_path, outlook=said, **arguments)
    pages = {d.path.name: d.path.read_text() for d in written if d.path.suffix == ".html"}
    assert [name for name, text in pages.items() if "What they will do next" in text] == [
        name for name in pages if not name.startswith("segment-0")
    ]
    for name, text in pages.items():
        of = "all" if name == "index.html" else name.split("-")[1]
        figures = Figures(text).found
        assert len(figures) == len([p for s in said.get(of, []) for p in s if isinstance(p, Figure)])
        for figure in figures:
            assert figure["data-segment"] in (of, "all")
            if figure["data-asset"] == "forecasts/segments":
                row = table[figure["data-segment"], figure["data-fact"]]
                assert float(figure["data-value"]) == row[figure["data-field"]]
            else:
                assert (figure["data-asset"], figure["data-value"]) == ("forecasts/segment_reasons", "0.6")
        assert ('href="forecasts.html"' in text) == bool(said.get(of))
    alone = write_playbooks(rows(), reports=tmp_path / "alone", **arguments)
    assert not any(re.search("forecasts.html|will do next", d.path.read_text()) for d in alone)
