"""The PDF files of a month over all segments: the playbook, the executive summary and the cards."""

from typing import Final

from hm_assets.playbooks.files import words
from hm_assets.playbooks.files.blocks import (
    Bar,
    Block,
    bars,
    bullets,
    cards,
    columns,
    heading,
    page_break,
    paragraph,
    sentence,
    table,
    timeline,
    when,
)
from hm_assets.playbooks.files.contents import Contents
from hm_assets.playbooks.files.prose import PHASES
from hm_assets.playbooks.files.segment import card, chapter, colour
from hm_assets.playbooks.metrics.figure import ALL
from hm_assets.warehouse.pictures import BLUE, GREY

CARD_HEIGHT: Final = 80
MOST_ON_A_PAGE: Final = 12  # segments of the executive summary
CARDS_A_PAGE: Final = 6


def playbook(c: Contents) -> list[Block]:
    """Cover, summary, a chapter for each segment, the plan, and where the figures come from."""
    return [
        _cover(c),
        *summary(c),
        page_break(),
        *(block for segment in c.segments for block in (*chapter(c, segment), page_break())),
        heading("How to put it to work", 1, "Roadmap"),
        timeline(PHASES),
        *sources(c),
    ]


def summary(c: Contents) -> list[Block]:
    """The executive summary: what was found, what it means, and what comes next, on a page."""
    assumed, expected = words.worth(c, 5), words.outlook(c, ALL)
    trust = [*words.later(c), *words.forecasts_judged(c)[:1], *words.lists_judged(c)]
    return [
        heading("Executive summary", 1, f"Customer segments, {c.month}"),
        *when(c.banner, paragraph(c.banner, "note")),
        paragraph(words.finding(c), "lead"),
        columns(
            [
                heading("Why this was done"),
                paragraph(
                    "One message for everybody wastes it on those who would buy anyway and on those who will not. "
                    "Groups of customers who buy alike can each be addressed in their own way."
                ),
                heading("What was done"),
                bullets([*words.scope(c), *words.segments_judged(c)[:2]]),
                *when(trust, heading("How far to trust it"), bullets(trust)),
            ],
            [
                *spend_bars(c),
                *when(expected, heading("What customers will do"), bullets(expected)),
                *when(assumed, heading("What it could be worth")),
                *([paragraph(assumed, "note")] if assumed else []),
                *([paragraph(f"Assumed: {words.assumptions(c)}.", "small")] if assumed else []),
            ],
            (10, 11),
        ),
        heading("The segments"),
        segment_table(c),
        *when(
            len(c.segments) > MOST_ON_A_PAGE, paragraph("The smaller segments are in the playbook.", "small")
        ),
        heading("What comes next"),
        paragraph(
            "Test the first tactic of the two segments that bring most spend with a holdout; read the difference "
            "after a purchase cycle; keep what works. The implementation guide has the steps, owners and risks."
        ),
    ]


def spend_bars(c: Contents) -> list[Block]:
    """Share of customers beside share of spend, of the segments that bring most of it."""
    rows = []
    longest = max((f.value for s in c.buyers for n in _SHARES if (f := c.get(s, n)) is not None), default=1.0)
    for segment in c.by_spend[:MOST_ON_A_PAGE]:
        pair = [(c.get(segment, name), tint) for name, tint in zip(_SHARES, (GREY, BLUE), strict=True)]
        found = [Bar(figure.value / longest, figure.text, tint) for figure, tint in pair if figure]
        if found:
            rows.append((c.brief(segment), found))
    legend = (("share of customers", GREY), ("share of the year’s spend", BLUE))
    return when(rows, heading("Who brings the spend"), bars("", rows, legend=legend))


_SHARES: Final = ("share_of_customers", "share_of_spend_365d")


def segment_table(c: Contents) -> Block:
    """A line for each of the largest segments: size, rhythm and outlook."""
    rows = [
        [
            c.name(segment),
            *(
                c.get(segment, fact)
                for fact in ("customers", "recency_days", "orders_365d", "ordering_90d", "value_12m")
            ),
        ]
        for segment in c.segments[:MOST_ON_A_PAGE]
    ]
    head = ["Segment", "Customers", "Last order", "Orders a year", "Order in 90 days", "Spend 12 months"]
    return table(head, rows, widths=[9, 3, 3, 3, 4, 4], right=[1, 2, 3, 4, 5])


def segment_cards(c: Contents) -> list[Block]:
    """Six cards to a page."""
    found = [(colour(c, segment), card(c, segment)) for segment in c.segments]
    pages = [found[i : i + CARDS_A_PAGE] for i in range(0, len(found), CARDS_A_PAGE)]
    return [block for page in pages for block in (cards(page, CARD_HEIGHT), page_break())]


def sources(c: Contents) -> list[Block]:
    """Which table at which version the figures stand in."""
    many: dict[str, int] = {}
    for figure in c.store.figures.values():
        many[figure.asset] = many.get(figure.asset, 0) + 1
    rows = [[asset, c.store.versions.get(asset, "unknown")] for asset in sorted(many)]
    return [
        heading("Where the figures come from"),
        paragraph(
            "Every figure in this document stands in playbooks/metrics, which gathers them from these tables; a check "
            "holds the document against it.",
            "small",
        ),
        table(["Table", "Version"], rows, widths=[1, 1]),
    ]


def _cover(c: Contents) -> Block:
    # A name is enough here: what stands behind it is in its chapter.
    contents = [{"text": c.name(segment), "colour": colour(c, segment)} for segment in c.segments]
    return {
        "kind": "cover",
        "kicker": f"Customer segments, {c.month}",
        "title": "The marketing playbook",
        "finding": sentence(words.finding(c)),
        "facts": [sentence(said) for said in (*words.scope(c), *words.outlook(c, ALL)[:1])],
        "contents": contents[:14],
    }
