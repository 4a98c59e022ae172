"""The slides that say what to do: each segment, what to advise and show, the plan, and what it could be worth."""

from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from hm_assets.forecasts.decisions.tables import BUDGETS
from hm_assets.playbooks.files import words
from hm_assets.playbooks.files.contents import Contents
from hm_assets.playbooks.files.prose import PHASES
from hm_assets.playbooks.files.segment import SHOWN_FACTS, colour
from hm_assets.playbooks.files.slides import BODY, LEFT, MARGIN, RIGHT, SOFT, WIDTH, Box, Series, Slides
from hm_assets.playbooks.files.text import written
from hm_assets.playbooks.metrics.figure import ALL, Figure, Sentence
from hm_assets.playbooks.strategy.card import WHERE, WHY
from hm_assets.profiles.wording import WORDINGS
from hm_assets.warehouse.pictures import ORANGE

WARM: Final = "FFF4E0"


def sources(c: Contents, *assets: str) -> str:
    """Where the figures of a slide stand, for its notes."""
    told = (f"{asset}, version {c.store.versions.get(asset, 'unknown')}" for asset in assets)
    return f"Figures: {'; '.join(told)}. As of {c.as_of}."


def segment(s: Slides, c: Contents, segment: str) -> None:
    """The slide of a segment: who they are, what to do, and how they lie beside everybody."""
    size = words.size(c, segment)
    title = f"{c.name(segment)}: {written(size)}" if size else c.name(segment)
    todo = [step(line) for line in c.said(segment, "tactic", 3)]
    slide = s.add(
        title,
        [
            "The bars are indexes: 100 = everybody who has bought.",
            *(written(line) for part in ("tactic", "outcome") for line in c.said(segment, part)),
            f"More in the one-pager of this segment. {sources(c, 'profiles/segment_profiles', 'playbooks/strategy')}",
        ],
    )
    who: list[Sentence] = [*c.said(segment, "defining", 3), *words.outlook(c, segment)]
    s.text(slide, Box(MARGIN, 1.5, 6.2, 2.3), who)
    head = "What to do" if todo else "Strengths"
    s.text(slide, Box(MARGIN, 3.8, 6.2, 0.4), [head], size=16, colour="0B5FA5", bullet=False)
    # Channel and offer stand beside those of the other segments, on a slide of their own.
    s.text(slide, Box(MARGIN, 4.2, 6.2, 2.7), todo or c.said(segment, "strength", 3))
    facts = [fact for fact in SHOWN_FACTS if c.get(segment, fact, "index_to_base")]
    indexes = [c.get(segment, fact, "index_to_base") for fact in facts]
    s.chart(
        slide,
        Box(7.0, 1.55, WIDTH - 7.0 - MARGIN, 5.2),
        [WORDINGS[fact].label for fact in facts],
        [Series("Index, 100 = everybody", indexes, colour(c, segment))],
        form="0",
    )


def recommendations(s: Slides, c: Contents, shown: Sequence[str]) -> None:
    """Two slides: what to do with these segments, and what to show them."""
    slide = s.add(
        "What to do with each segment: one step, one channel, one offer",
        [
            "Each line follows from facts by a rule that can be read and edited.",
            sources(c, "playbooks/strategy"),
        ],
    )
    rows = [
        [
            c.brief(segment),
            *(_first(c, segment, part) for part in ("tactic", "channel", "offer")),
            _share(c, segment),
        ]
        for segment in shown
    ]
    if c.has_strategy:
        head = ["Segment", "First step", "Channel", "Offer", "Budget (assumption)"]
        s.table(slide, BODY, head, rows, [2, 6, 2, 4, 1.6])
    else:
        s.text(slide, BODY, ["The strategy of this month was not made, so no step is advised here."])
    slide = s.add(
        "What to show them: articles that each segment over-buys",
        [
            "Sold in the last days, which stands for stock. × is times everybody’s share.",
            sources(c, "recommendations/segments"),
        ],
    )
    listed: list[list[str | Figure | None]] = []
    for segment in shown:
        found = [written(line) for line in words.products(c, segment, 2)]
        listed.append([c.brief(segment), *[*found, *["none stands out", None][len(found) :]][:2]])
    s.table(slide, BODY, ["Segment", "First article", "Second article"], listed, [2, 5, 5])


def step(line: Sentence) -> Sentence:
    """What to do, of a line of tactics: why, where and what to watch stand in the notes and in the playbook."""
    return list(takewhile(lambda part: isinstance(part, Figure) or not part.startswith((WHY, WHERE)), line))


def _first(c: Contents, segment: str, part: str) -> str | None:
    """The first line of a part without the facts in brackets and the sentences that explain it."""
    said = c.said(segment, part, 1)
    if not said:
        return None
    if part == "tactic":
        return written(step(said[0]))
    return written(said[0]).partition(" (")[0].partition(". ")[0].removesuffix(".")


def _share(c: Contents, segment: str) -> Figure | None:
    """The share of the budget, which the line on it begins with; its column says that it is assumed."""
    said = c.said(segment, "budget", 1)
    return (
        next((part for part in said[0] if isinstance(part, Figure) and part.assumption), None)
        if said
        else None
    )


def plan(s: Slides, c: Contents) -> None:
    """The slide of the roadmap."""
    slide = s.add(
        "The plan: six weeks to a measured result",
        [
            "The implementation guide has owners, risks and what to do about them.",
            sources(c, "playbooks/metrics"),
        ],
    )
    width = (WIDTH - 2 * MARGIN - 0.4) / 3
    for i, phase in enumerate(PHASES):
        left = MARGIN + i * (width + 0.2)
        head = f"{phase['when']}: {phase['title']}"
        s.text(slide, Box(left, 1.6, width, 0.5), [head], size=15, colour="0B5FA5", bullet=False, fill=SOFT)
        steps = [*phase["steps"], f"Owner: {phase['owner']}"]
        s.text(slide, Box(left, 2.2, width, 4.4), steps, size=16)


def worth(s: Slides, c: Contents) -> None:
    """The slide of what it could be worth, marked as assumed."""
    assumed = words.worth(c, 5)
    slide = s.add(
        "What it could be worth: an assumption, until a holdout measures it",
        [
            "Nobody was left out of past campaigns on purpose, so no effect can be claimed.",
            sources(c, BUDGETS.path),
        ],
    )
    found = [
        (f"Budget {share.text}", figure)
        for percent in (5, 10, 20, 50)
        if (share := c.get(ALL, f"value_at_risk {percent}", "budget_percent"))
        if (
            figure := c.store.figures.get((BUDGETS.path, ALL, "budget", f"value_at_risk {percent}", "profit"))
        )
    ]
    said: list[Sentence | str] = [assumed] if assumed else []
    said += [f"Assumed: {words.assumptions(c)}."] if assumed else []
    said += [
        [f"{c.brief(segment)}: ", *line]
        for segment in c.by_spend[:3]
        for line in c.said(segment, "outcome", 1)
    ]
    said.append("A campaign with a holdout replaces the assumption by a result.")
    s.text(slide, LEFT, said, fill=WARM)
    s.chart(
        slide,
        RIGHT,
        [label for label, _ in found],
        [
            Series(
                "Assumed profit in mean orders, by budget (% of the cost of contacting everybody)",
                [figure for _, figure in found],
                ORANGE,
            )
        ],
        form="0.0",
    )
