"""What is written once and holds for every month: how it was made, how to bring it in, how to read it.

No figure of a month stands in this text: figures come from the store, through `words.py`.
"""

from typing import Any

from hm_assets.playbooks.files import words
from hm_assets.playbooks.files.blocks import Block, bullets, heading, paragraph, table, timeline, when
from hm_assets.playbooks.files.contents import Contents
from hm_assets.playbooks.files.prose import PHASES, QUESTIONS, RESOURCES, RISKS
from hm_assets.profiles.facts import NOT_IN_DATA


def methodology(c: Contents) -> list[Block]:
    """Why these algorithms, how they were tuned and judged, and what they cannot do."""
    return [
        heading("Methodology", 1, f"How the segments of {c.month} were made, and how far to trust them"),
        *when(c.banner, paragraph(c.banner, "note")),
        paragraph(words.finding(c), "lead"),
        heading("The data"),
        bullets(
            [
                *words.scope(c),
                "Every refused row is kept with its file, line and reason; the counts add up, and a "
                "check proves it.",
                "Unknown ages and memberships are completed several times over (MICE: van Buuren 2018), so that what "
                "is unknown shows as width and not as certainty. Segments are made from purchases alone.",
            ]
        ),
        heading("The segments"),
        bullets(
            [
                *when_text(c.segmentation, f"Chosen: {c.segmentation}."),
                *when_text(c.made_of, f"Customers were grouped by {c.made_of}."),
                *words.segments_judged(c),
                "The choice is not by one score: candidates whose groups are too small or too large are refused, those "
                "that another beats on everything are dropped, and of the rest the one is taken that explains most of "
                "what customers do next, then the most stable one.",
            ]
        ),
        heading("Are the segments real?"),
        bullets(
            [
                *words.later(c),
                "What segments were made from must differ between them, so such differences prove nothing. What counts "
                "is what they were not made from, and what came after (Welch’s analysis of variance, chi-square; "
                "corrected for the number of tests).",
                "Each segment has a passport: size, stability, members on the border, whether it can be reached. What "
                "fails a blocking criterion is not published unless a person signs for it.",
            ]
        ),
        heading("The forecasts and lists"),
        bullets(
            [
                *words.forecasts_judged(c),
                *words.lists_judged(c),
                "All were judged on past days that the model had not seen, beside the plainest rule "
                "that works.",
            ]
        ),
        heading("What the measures mean"),
        table(
            ["Measure", "What it says", "Good"],
            [
                [
                    "Silhouette",
                    "How much nearer customers are to their own segment than to the next",
                    "near one",
                ],
                [
                    "Stability (Jaccard)",
                    "Share of members found together again in another sample",
                    "near one",
                ],
                [
                    "AUC",
                    "Chance that who orders was ranked above who does not",
                    "near one; one half is chance",
                ],
                ["Calibration error", "How far told chances are from what happened", "near zero"],
                [
                    "MAP@12",
                    "How high the bought articles stand in a list of twelve",
                    "above the best sellers",
                ],
                ["Index", "The segment beside all customers, who are the hundred", "far from a hundred"],
            ],
            widths=[3, 7, 4],
        ),
        heading("Limits"),
        bullets(
            [
                "What acting on a segment brings is not in the data: no past campaign left anybody "
                "out on purpose.",
                "Spend is a price index: the source hides its currency, and knows no margins.",
                *(f"Not in the data: {what[:1].lower()}{what[1:]}" for what in NOT_IN_DATA.values()),
                "Intervals hold what the sample leaves open. They do not hold a changed market.",
            ]
        ),
    ]


def implementation(c: Contents) -> list[Block]:
    """Three phases, who does what, and what can go wrong."""
    return [
        heading("Implementation guide", 1, f"Putting the segments of {c.month} to work"),
        paragraph("Six weeks from reading to a measured result: small, with a holdout, then wider.", "lead"),
        timeline(PHASES),
        heading("Where to begin"),
        bullets(
            [
                *words.told(*(_start(c, segment) for segment in c.by_spend[:2])),
                "One tactic at a time in a segment: two at once cannot be told apart afterwards.",
            ]
        ),
        heading("Who does what"),
        table(["Role", "Task"], RESOURCES, widths=[3, 9]),
        heading("What can go wrong"),
        table(["Risk", "How it happens", "What to do", "Owner"], RISKS, widths=[4, 4, 6, 3]),
        heading("When it has worked"),
        bullets(
            [
                "The difference between treated and holdout, with its interval, lies above nothing.",
                "Both arms kept the sizes that were drawn.",
                "The assumption in the playbook has become a measured figure.",
            ]
        ),
    ]


def user_guide(c: Contents) -> list[Block]:
    """How to read an assignment, how to decide by it, and what people ask."""
    example = c.by_spend[0] if c.by_spend else None
    return [
        heading("User guide", 1, f"Reading and using the segments of {c.month}"),
        paragraph(
            "Open one segment, read its first sentence, do its first step, and leave some out.", "lead"
        ),
        heading("Read a segment"),
        bullets(
            [
                "The first sentence says who they are: how many, what they bring, when they last bought.",
                *words.told(words.size(c, example) if example else None),
                "The bars lie beside all customers: beyond the upright line is more than everybody, "
                "short of it less.",
                "The name is short for where its middle member stands; the figures are what counts.",
            ]
        ),
        heading("Read one customer"),
        bullets(
            [
                "Segment: where they stand now. Confidence: how far they are from the next one. A low one means that "
                "they are on the border, and that the runner-up’s tactics fit as well.",
                "Reasons say what moved the forecast for them, not why they buy.",
            ]
        ),
        heading("Decide"),
        bullets(
            [
                "Choose the segment by what is at stake: its share of spend, and how many may not "
                "order again.",
                "Choose the tactic from the top of its list; the line beneath says which facts call for it.",
                "Build the audience with its holdout, note what you expect, and read the difference "
                "afterwards.",
                "Let it be where the interval of a difference holds nothing: chance is the better "
                "explanation.",
            ],
            "steps",
        ),
        heading("Questions"),
        *(block for q, a in QUESTIONS for block in (heading(q, 3), paragraph(a))),
    ]


def when_text(found: str, text: str) -> list[str]:
    """The text where there is something to tell."""
    return [text] if found else []


def _start(c: Contents, segment: str) -> Any:
    size = words.size(c, segment)
    return None if size is None else [f"{c.name(segment)}: ", *size]
