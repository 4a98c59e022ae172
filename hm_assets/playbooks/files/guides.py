"""What is written once and holds for every month: how it was made, how to bring it in, how to read it.

No figure of a month stands in this text: figures come from the store, through `words.py`.
"""

from typing import Any, Final

from hm_assets.playbooks.files import words
from hm_assets.playbooks.files.blocks import Block, bullets, heading, paragraph, table, timeline, when
from hm_assets.playbooks.files.contents import Contents
from hm_assets.profiles.facts import NOT_IN_DATA
from hm_assets.warehouse.pictures import BLUE, GREEN, ORANGE

PHASES: Final[tuple[dict[str, Any], ...]] = (
    {
        "when": "Weeks 1–2",
        "title": "Agree and prepare",
        "owner": "CRM manager",
        "colour": BLUE,
        "steps": [
            "Read the playbook; agree on one tactic for each of two segments.",
            "Set the assumptions: what a contact costs, what an order leaves.",
            "Build the audience, with a holdout that is left alone.",
            "Check consent and the contact cap with the privacy officer.",
        ],
    },
    {
        "when": "Weeks 3–4",
        "title": "Launch and watch",
        "owner": "Campaign manager",
        "colour": ORANGE,
        "steps": [
            "Send to the treated group, nothing to the holdout.",
            "Watch whether both arms keep the sizes that were drawn.",
            "Keep other campaigns away from both arms alike.",
            "Drop the result file into the landing folder.",
        ],
    },
    {
        "when": "Weeks 5–6",
        "title": "Measure and widen",
        "owner": "Analyst, with the CRM manager",
        "colour": GREEN,
        "steps": [
            "Read the difference between the arms with its interval.",
            "Replace the assumption by what was measured.",
            "Keep what works, stop what does not, test the next tactic.",
            "Widen to the segments that follow in value.",
        ],
    },
)
RISKS: Final = (
    (
        "The wrong people are reached",
        "Filters on consent are forgotten",
        "Build audiences on the platform: who left or opted out is never in one",
        "CRM manager",
    ),
    (
        "An effect is claimed that is none",
        "No holdout, or one that is too small",
        "Take the holdout that the plan asks for; read the interval, not the point",
        "Analyst",
    ),
    (
        "The same customer is written to too often",
        "Two segments, two campaigns",
        "Keep the contact cap of the calendar",
        "Campaign manager",
    ),
    (
        "Segments are taken for causes",
        "What people have in common need not be why they buy",
        "Test before rolling out",
        "Analyst",
    ),
    (
        "Figures go stale",
        "Customers move between segments every month",
        "Use the files of the latest month; the day stands on every page",
        "Data engineer",
    ),
    (
        "An age group is served less",
        "Segments differ by age",
        "Read the parity criterion in the segment's passport first",
        "Privacy officer",
    ),
)
RESOURCES: Final = (
    ("CRM manager", "Chooses tactics, owns the assumptions and the calendar"),
    ("Campaign manager", "Builds audiences, sends, keeps the cap"),
    ("Analyst", "Plans holdouts, reads results, writes back what was measured"),
    ("Data engineer", "Keeps files coming, watches the checks, repairs a failed month"),
    ("Privacy officer", "Approves what is sent to whom, and what leaves the platform"),
)
QUESTIONS: Final = (
    (
        "Why is a customer in this segment?",
        "Because of when, how often and for how much they bought. The customer's page on the portal "
        "shows the way they came, and what would change it.",
    ),
    (
        "Can a customer change segment?",
        "Yes, every month. Most stay; the movement page shows who goes where. Plan by segment, and "
        "take the audience anew for each campaign.",
    ),
    (
        "What does “high-spend” in a name mean?",
        "That the middle member of the group spends more than three in five of all customers. Every "
        "word of a name is checked against the data.",
    ),
    (
        "Why is spend not money?",
        "The source hides its currency. Spend adds up in a price index: it can be compared between "
        "customers and months, and not be booked.",
    ),
    (
        "What does the bracket behind a figure mean?",
        "Where the true figure may lie, given how many customers it rests on. A wide bracket is a "
        "small group or a figure that is hard to foretell.",
    ),
    (
        "Why is a figure withheld?",
        "It would tell of so few customers that they could be known. The limit holds everywhere and "
        "cannot be switched off.",
    ),
    (
        "What does “assumption” mean?",
        "Nobody has measured it yet. It can be edited, and a campaign with a holdout replaces it by a"
        " result.",
    ),
    (
        "What will a tactic bring?",
        "These data cannot say: nobody was left out of past campaigns on purpose. That is what the "
        "holdout is for.",
    ),
    (
        "Why do two segments look alike in age?",
        "They were made from what people bought. Where age or channel differ, the playbook says so; "
        "where they do not, nothing is said.",
    ),
    (
        "May I change the rules?",
        "Yes. The rules of the strategy are a file with a line for each; an error names the line. "
        "Everything here follows at the next run.",
    ),
    (
        "The figures differ from last month's files. Which are right?",
        "Both, of their own day. Each page says of which day it is, and from which version of which table.",
    ),
)


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
                "is what they were not made from, and what came after (Welch's analysis of variance, chi-square; "
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
                "they are on the border, and that the runner-up's tactics fit as well.",
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
