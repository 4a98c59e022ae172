"""What a playbook shows a segment: the tables' own figures with their origin, and nothing of few customers."""

import re

from hm_assets.playbooks.documents import write_playbooks
from hm_assets.playbooks.metrics.figure import Figure
from hm_assets.playbooks.showing import showings
from hm_assets_tests.playbooks.examples import AS_OF, MONTH, SOURCE, VERSIONS, rows

SIZES = {0: 5, 1: 272_456, 2: 549_000, 3: 540_825}


def article(segment: int, rank: int, buyers: int | None = 40) -> dict:
    return {
        **{"segment_id": segment, "rank": rank, "article_id": f"01080000{rank:02d}", "name": "Strap <top>"},
        **{"type": "Vest top", "colour": None, "price_step": "low", "buyers": buyers},
        **{"lift": 1.5 + rank, "low": 1.25, "high": 4.0},
    }


def style(segment: int) -> list[dict]:
    step = {"segment_id": segment, "kind": "price"}
    return [
        {**step, "place": 1, "name": "low", "from_price": None, "to_price": 0.015},
        {**step, "place": 2, "name": "middle", "from_price": 0.015, "to_price": 0.03},
        {**step, "place": 3, "name": "high", "from_price": 0.03, "to_price": None},
        {
            "segment_id": segment,
            "kind": "colour",
            "place": 1,
            "name": "Red",
            "lift": 1.5,
            "low": 1.2,
            "high": 2,
        },
    ]


def plain(sentence) -> str:
    return "".join(part if isinstance(part, str) else part.text for part in sentence)


def test_articles_prices_and_colours_are_told():
    found = showings([article(1, 2), article(1, 1, None)], style(1), SIZES)["1"]
    assert [plain(sentence) for sentence in found.articles] == [
        # Its lift would tell how few bought it.
        "Strap <top>, Vest top (article 0108000001); low price",
        "Strap <top>, Vest top (article 0108000002): 3.5 × everybody’s share (1.25 to 4); low price",
    ]
    assert [plain(sentence) for sentence in found.style] == [
        "Price ladder: low is up to 0.015, high is above 0.03, in the price index: cut where thirds of their "
        "purchases end.",
        "Colours that they buy more of: Red (1.5 ×).",
    ]


def test_of_few_customers_nothing_is_told():
    found = showings([article(i, 1) for i in (1, 2, 3)], [], {0: 5, 1: 15, 2: 100, 3: 200})
    assert list(found) == ["3"]
    assert showings([], [], SIZES) == {}


def test_every_figure_on_the_page_is_the_tables_own(tmp_path):
    lists, styles = [article(i, rank) for i in (1, 2) for rank in (1, 2)], [*style(1), *style(2)]
    told = showings(lists, styles, SIZES)
    arguments = {"as_of": AS_OF, "month": MONTH, "versions": VERSIONS, "source": SOURCE}
    written = write_playbooks(rows(), reports=tmp_path, showings=told, **arguments)
    for document in written:
        if document.kind != "playbook":
            continue
        text, segment = document.path.read_text(), document.path.name.split("-")[1]
        figures = re.findall(
            r'data-asset="(\S+)" data-segment="(\S+)" data-kind="recommendation" data-fact="([^"]+)" '
            r'data-field="(\S+)" data-value="(\S+)"',
            text,
        )
        mine = told.get(segment)
        assert ("What to show them" in text) == (mine is not None)
        parts = [*mine.articles, *mine.style] if mine else []
        wanted = [part for sentence in parts for part in sentence if isinstance(part, Figure)]
        assert [(f.asset, f.segment, f.fact, f.field, str(f.value)) for f in wanted] == figures
        assert "Strap <top>" not in text
