"""The deck of a month: what the segments are, how far to trust them, and what to do, in fifteen to twenty slides.

The order is that of a project's presentation: the problem, the data, the method, the results, each segment, what to do,
the plan, what it could be worth. Charts are native; notes say what to tell and where the figures stand.
"""

import io
from collections.abc import Sequence
from typing import Final

from hm_assets.playbooks.files import advice, words
from hm_assets.playbooks.files.advice import sources
from hm_assets.playbooks.files.contents import Contents
from hm_assets.playbooks.files.slides import BODY, LEFT, MARGIN, RIGHT, WIDTH, Box, Series, Slides
from hm_assets.playbooks.files.text import written
from hm_assets.playbooks.files.zips import reproducible
from hm_assets.playbooks.metrics.figure import ALL, Figure, Sentence
from hm_assets.profiles.facts import NOT_IN_DATA
from hm_assets.warehouse.pictures import BLUE, GREY, SKY

MOST_SEGMENTS: Final = 6
NEXT_SIZE: Final = "size_in_1_months"
DEEP: Final = "#003F66"
CLEARLY_APART: Final = 0.05  # of all customers, or of all spend
FEW_ENOUGH_FOR_SEASON: Final = 5  # with more, the slide on the season would be the twenty-first


def deck(c: Contents) -> bytes:
    """The deck as a PowerPoint file; equal contents give equal bytes."""
    s = Slides(f"As of {c.as_of}. Figures: playbooks/metrics, version {c.version}. Source: {c.source}")
    shown = c.by_spend[:MOST_SEGMENTS]
    _problem(s, c)
    _data(s, c, season=len(shown) <= FEW_ENOUGH_FOR_SEASON)
    _method(s, c)
    _results(s, c)
    for segment in shown:
        advice.segment(s, c, segment)
    advice.recommendations(s, c, shown)
    advice.plan(s, c)
    advice.worth(s, c)
    made = s.finish()
    properties = made.core_properties
    properties.title, properties.author = f"Customer segments {c.month}", "hm_assets"
    properties.last_modified_by, properties.revision = "hm_assets", 1
    sink = io.BytesIO()
    made.save(sink)
    return reproducible(sink.getvalue(), c.store.as_of)


def _by_segment(c: Contents, segments: Sequence[str], fact: str, which: str = "value") -> list[Figure | None]:
    return [c.get(segment, fact, which) for segment in segments]


def _names(c: Contents, segments: Sequence[str]) -> list[str]:
    return [c.brief(segment) for segment in segments]


def _problem(s: Slides, c: Contents) -> None:
    first = s.add(
        f"The marketing playbook, {c.month}",
        [
            "Say the finding first, then what you want to be decided today.",
            sources(c, "profiles/segment_profiles"),
        ],
        dark=True,
    )
    said: list[Sentence | str] = [words.finding(c), *([c.banner] if c.banner else [])]
    s.text(first, Box(MARGIN, 3.6, WIDTH - 2 * MARGIN, 2.4), said, colour="FFFFFF", bullet=False)
    slide = s.add(
        _where_spend_is(c),
        [
            "The same message goes to those who would buy anyway and to those who will not come back. Grey is how many "
            "they are, blue is what they bring.",
            sources(c, "profiles/segment_profiles"),
        ],
    )
    s.chart(
        slide,
        BODY,
        _names(c, c.by_spend),
        [
            Series("Share of customers", _by_segment(c, c.by_spend, "share_of_customers"), GREY),
            Series("Share of the year’s spend", _by_segment(c, c.by_spend, "share_of_spend_365d"), BLUE),
        ],
        form="0%",
    )


def _where_spend_is(c: Contents) -> str:
    """The title over both shares: a finding only where they lie apart."""
    shares = zip(
        _by_segment(c, c.buyers, "share_of_customers"),
        _by_segment(c, c.buyers, "share_of_spend_365d"),
        strict=True,
    )
    if any(many and spend and abs(many.value - spend.value) >= CLEARLY_APART for many, spend in shares):
        return "One message for everybody misses most of them: spend is not where customers are"
    return "How many they are, and what they bring"


def _how_real(c: Contents) -> str:
    """The title over what came after: that segments are real is said only where chance explains clearly less."""
    low, chance = (c.store.value(ALL, words.LATER_SPEND, which) for which in ("low", "null_effect"))
    if low is None or chance is None:
        return "How real they are: too early to tell, the days after are not in the data yet"
    if low > chance:
        return "They are real: the segment says what customers do afterwards"
    return "How real they are: what customers do afterwards, segments drawn by lot explain as well"


def _data(s: Slides, c: Contents, season: bool) -> None:
    slide = s.add(
        "Three files are enough to begin: customers, articles, purchases",
        [
            "What is counted here is what was delivered; every refused row is kept with its reason.",
            sources(c, "raw/transactions"),
        ],
    )
    counted = [
        ("customers on file", c.get(ALL, "customers on file", "rows")),
        ("units bought", c.get(ALL, "units sold", "rows")),
        ("months of purchases", c.get(ALL, "months")),
        ("articles in the range", c.get(ALL, "articles", "rows")),
    ]
    s.numbers(slide, Box(MARGIN, 1.8, WIDTH - 2 * MARGIN, 1.5), counted)
    s.text(
        slide,
        Box(MARGIN, 3.7, WIDTH - 2 * MARGIN, 3.0),
        [
            f"Source: {c.source}.",
            "Every row is in a table or in the list of refused ones, and the counts add up.",
            "Unknown ages and memberships are completed several times over, so that what is unknown shows as width.",
        ],
    )
    slide = s.add(
        "What the data do not hold is not made up",
        ["Ask for these files if the answers matter: the platform takes them where they are present."],
    )
    s.text(slide, BODY, list(NOT_IN_DATA.values()))
    if season:
        months = [f for f in c.store.figures.values() if f.kind == "calendar_month"]
        months.sort(key=lambda f: _when(f.fact))
        slide = s.add(
            "When they buy: the season shows in the sales of a day",
            [
                "The mean day is index 100. A first and a last month may be short.",
                sources(c, "explore/calendar"),
            ],
        )
        s.chart(
            slide,
            BODY,
            [figure.fact for figure in months],
            [Series("Sales a day, 100 = the mean day", months, BLUE)],
            form="0",
            upright=True,
            labels=len(months) <= 13,
        )


_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)


def _when(label: str) -> tuple[str, int]:
    month, year = label.rsplit(" ", 1)
    return year, _MONTHS.index(month)


def _method(s: Slides, c: Contents) -> None:
    slide = s.add(
        "The segments were chosen among many, not assumed",
        ["The methodology document has the reasons and the runners-up.", sources(c, "segments/candidates")],
    )
    said: list[Sentence | str] = [f"Chosen: {c.segmentation}."] if c.segmentation else []
    said += [f"Customers were grouped by {c.made_of}."] if c.made_of else []
    said += [*words.segments_judged(c), "Groups that are too small or too large to be used were refused."]
    s.text(slide, BODY, said)
    slide = s.add(
        _how_real(c),
        [
            "Segments must differ in what they were made from. What counts is what came after, beside segments "
            "drawn by lot.",
            sources(c, "profiles/validity"),
        ],
    )
    facts = [
        (
            label,
            c.get(ALL, f"later later_{name} welch_anova", "effect"),
            c.get(ALL, f"later later_{name} welch_anova", "null_effect"),
        )
        for name, label in (("spend", "Spend"), ("orders", "Orders"), ("units", "Units"))
    ]
    s.text(slide, LEFT, words.later(c), bullet=False)
    s.chart(
        slide,
        RIGHT,
        [label for label, _, _ in facts],
        [
            Series("Explained by the segment", [effect for _, effect, _ in facts], BLUE),
            Series("By segments drawn by lot", [null for _, _, null in facts], GREY),
        ],
        form="0%",
    )
    slide = s.add(
        "Forecasts and lists were judged on past days, beside the plainest rule",
        [
            "AUC: the chance that who ordered was ranked above who did not. One half is chance.",
            sources(c, "forecasts/scoreboard", "recommendations/scoreboard"),
        ],
    )
    s.text(slide, LEFT, [*words.forecasts_judged(c), *words.lists_judged(c)])
    models = [c.get(ALL, f"auc {name} 90d") for name in ("chosen", "recency", "base_rate")]
    s.chart(
        slide,
        RIGHT,
        ["The model in use", "Days since the last order", "The same chance for all"],
        [Series("AUC, orders within 90 days", models, BLUE)],
        form="0.000",  # 0.995 is not 1
    )


def _results(s: Slides, c: Contents) -> None:
    slide = s.add(
        written(words.finding(c)),
        [
            "Largest group first. Last order is a median.",
            sources(c, "profiles/segment_profiles", "forecasts/segments"),
        ],
    )
    rows: list[list[str | Figure | None]] = [
        [
            c.name(segment),
            *(
                c.get(segment, fact)
                for fact in (
                    "customers",
                    "share_of_customers",
                    "share_of_spend_365d",
                    "recency_days",
                    "orders_365d",
                )
            ),
        ]
        for segment in c.segments
    ]
    head = ["Segment", "Customers", "Of customers", "Of spend", "Last order", "Orders a year"]
    s.table(slide, BODY, head, rows, [5, 2, 2, 2, 2, 2])
    ordering = c.get(ALL, "ordering_90d")
    slide = s.add(
        f"{ordering.text} of all customers are expected to order within 90 days"
        if ordering
        else "Who is expected to order within the next 90 days",
        [
            "Expected shares, tested on past days. The brackets in the playbook are 80 % intervals.",
            sources(c, "forecasts/segments"),
        ],
    )
    s.text(slide, LEFT, words.outlook(c, ALL))
    expected = _by_segment(c, c.by_spend, "ordering_90d")
    s.chart(slide, RIGHT, _names(c, c.by_spend), [Series("Expected to order", expected, BLUE)], form="0.0%")
    today, after, low, high = (
        _by_segment(c, c.buyers, *fact)
        for fact in (("customers",), *((NEXT_SIZE, which) for which in ("customers", "low_80", "high_80")))
    )
    still = all(one and other and one.text == other.text for one, other in zip(today, after, strict=True))
    slide = s.add(
        "No segment can be told to grow or shrink in a month: each is expected about as today"
        if still
        else "How large the segments will be in a month, as far as can be told",
        [
            "The method that was best on past months; often that is “as today”. Ends are of 80 % intervals.",
            sources(c, "profiles/size_forecast"),
        ],
    )
    s.chart(
        slide,
        BODY,
        _names(c, c.buyers),
        [
            Series("Customers today", today, GREY),
            *([] if still else [Series("Expected in a month", after, BLUE)]),
            Series("In a month, low end of the 80 % interval", low, SKY),
            Series("In a month, high end of the 80 % interval", high, DEEP),
        ],
        form="#,##0",
    )
