"""Who should be looked after now: how many, of which segments, why, what is at stake, and what such lists were "
"worth."""

from hm_assets.explore.words import number, percent
from hm_assets.forecasts.by_segment.early_warning import WORDS
from hm_assets.forecasts.by_segment.tables import ALL
from hm_assets.forecasts.by_segment.warning_scores import EARLY, NINETY, RANDOM
from hm_assets.forecasts.page import dots
from hm_assets.forecasts.page.dots import Dot
from hm_assets.forecasts.page.month import NO_MODEL, Outlook, Row, days_of, where
from hm_assets.warehouse.charts import Block, Cell, Chart, Grid, NotEnough, Section, axes
from hm_assets.warehouse.pictures import BLUE, GREY, ORANGE

LIST, SCORES = ("forecasts/early_warning",), ("forecasts/early_warning_scores",)
REASONS = {
    "overdue": "Overdue by their own rhythm",
    "falling": "Their probability of an order fell",
    "at_stake": "Much is at stake",
}
PICKS = {
    EARLY: ("Early warning", BLUE, "circle"),
    NINETY: ("90 days without an order, highest spend", ORANGE, "square"),
    RANDOM: ("As many at random", GREY, "diamond"),
}
NOBODY = (
    "nobody who bought within the last half year is both likelier to leave than to order and meets a rule"
)
FEW = "fewer than 20"
FROM = {"value_12m": "the expected spend of 12 months", "spend_365d": "the spend of the last 365 days"}


def section(month: Outlook) -> Section:
    """The chapter."""
    return Section(
        "warning",
        headline(month),
        "Customers who bought within the last half year and are now likelier to leave than to order. Numbers are "
        "rounded to 20 customers; the list itself, with who they are, is the table forecasts/early_warning.",
        [_why(month), _segments(month), _lift(month)],
    )


def headline(month: Outlook) -> str:
    """How many, and what is at stake."""
    every = next(where(month.warned, by=ALL), None)
    if every is None:
        known = month.told("ordering_90d") is not None
        return "Nobody is on the early warning" if known else "Whom to look after now cannot be said yet"
    if every["customers"] is None:
        return "Fewer than 20 customers are on the early warning"
    text = f"About {every['customers']:,} customers should be looked after now"
    if every["at_stake"] is None:
        return text
    text += f": {number(every['at_stake'])} of value is at stake"
    year = month.told("value_12m_sum")
    if every["value_from"] == "value_12m" and year is not None and year["value"] > 0:
        part = every["at_stake"] / year["value"]
        text += f", {'under 0.1 %' if part < 0.001 else percent(part)} of the coming year’s spend"
    return text


def _told(month: Outlook, by: str) -> list[Row]:
    rows = [row for row in where(month.warned, by=by) if row["customers"] is not None]
    return sorted(rows, key=lambda row: (-row["customers"], row["group"]))


def _at_stake(row: Row) -> str:
    return "not told" if row["at_stake"] is None else number(row["at_stake"])


def _missing(month: Outlook) -> str:
    return NOBODY if month.told("ordering_90d") else NO_MODEL


def _why(month: Outlook) -> Block:
    rows = list(where(month.warned, by="reason"))
    if not rows:
        return NotEnough("warning_reasons", "Why they are on the list, and what to do", _missing(month))
    rows = sorted(rows, key=lambda row: list(REASONS).index(row["group"]))
    most = next(iter(_told(month, "reason")), None)
    finding = "Why they are on the list, and what to do"
    if most is not None:
        finding = f"About {most['customers']:,} are there since {WORDS[most['group']]}"
    return Grid(
        "warning_reasons",
        finding,
        ["Reason", "Customers, about", "Value at stake", "What it means", "What could be done"],
        [
            [
                REASONS[row["group"]],
                FEW if row["customers"] is None else Cell(f"{row['customers']:,}", float(row["customers"])),
                Cell(_at_stake(row), row["at_stake"]),
                f"{WORDS[row['group']][:1].upper()}{WORDS[row['group']][1:]}.",
                row["suggestion"],
            ]
            for row in rows
        ],
        LIST,
        f"n = {_all(month)} customers on the list; the first reason that holds counts",
        f"How to read it: value at stake is {FROM[rows[0]['value_from']]} times the probability of no order within "
        "90 days, in the price index; it is not told where it would be that of fewer than 20 customers. What could be "
        "done is practice, no finding: nothing in these files shows that it works.",
    )


def _segments(month: Outlook) -> Block:
    rows = [row for row in _told(month, "segment_id") if row["group"].isdigit()]
    if not rows:
        return NotEnough(
            "warning_segments",
            "Which segments they are in",
            f"every segment has {FEW} of them" if month.warned else _missing(month),
        )
    ids = [int(row["group"]) for row in rows]
    return Chart(
        "warning_segments",
        f"Most of them, about {rows[0]['customers']:,}, are in {month.names.short(ids[0])}",
        [
            {
                "type": "bar",
                "orientation": "h",
                "y": [month.names.tick(i, 22) for i in ids],
                "x": [row["customers"] for row in rows],
                "text": [f"{row['customers']:,}" for row in rows],
                "textposition": "outside",
                "cliponaxis": False,
                "marker": {"color": [month.names.colour(i) for i in ids]},
                "customdata": [_at_stake(row) for row in rows],
                "hovertemplate": "%{y}: about %{x:,} customers, %{customdata} at stake<extra></extra>",
            }
        ],
        axes(
            "Customers on the list",
            "Segment",
            xaxis={"range": [0, 1.18 * rows[0]["customers"]]},
            yaxis={"type": "category", "autorange": "reversed"},
        ),
        LIST,
        f"n = {_all(month)} customers on the list",
        f"How to read it: rounded to 20 customers; a segment with {FEW} of them is not shown.",
        height=120 + 42 * max(len(rows), 2),
        narrow=dots.NARROW,
    )


def _lift(month: Outlook) -> Block:
    name, title = "warning_lift", "What such lists were worth"
    rows = [row for row in month.warning_scores if row["left"] is not None]
    early = [row for row in where(rows, pick=EARLY)]
    if not early:
        return NotEnough(
            name, title, "no past day has 90 days after it on which the list would have named anybody"
        )
    lines = [day.isoformat() for day in days_of(rows)[::-1]]
    traces = []
    for pick, (words, colour, symbol) in PICKS.items():
        marks = [
            Dot(row["as_of"].isoformat(), row["left"], row["left_low"], row["left_high"])
            for row in where(rows, pick=pick)
        ]
        if marks:
            traces.append(dots.trace(marks, words, colour, symbol, scale=100, unit=" %"))
    latest = max(early, key=lambda row: row["as_of"])
    plain = next(where(rows, pick=NINETY, as_of=latest["as_of"]), None)
    beside = "" if plain is None else f"; {_beside(latest, plain)}"
    return Chart(
        name,
        f"Of the list of {latest['as_of'].isoformat()} {percent(latest['left'])} did not order, "
        f"{latest['lift']:.1f} times everybody’s share{beside}",
        traces,
        dots.layout(
            lines,
            "Share without an order in the 90 days after (%)",
            "Past day",
            xaxis=dots.reach(traces, 100),
            showlegend=True,
        ),
        SCORES,
        f"n = {min(row['listed'] for row in early):,} to {max(row['listed'] for row in early):,} customers on a past "
        f"list, of up to {max(row['customers'] for row in early):,}",
        "How to read it: each list was made with what was known on its day; lines are 95 % intervals over "
        "customers. Who has been silent for 90 days is often gone already: "
        f"{percent(latest['before_90_days'] or 0.0)} of the early warning had ordered more recently, when something "
        "can still be done.",
        height=dots.height(len(lines), legend=True),
        wide=True,
        narrow=dots.NARROW,
    )


def _beside(early: Row, plain: Row) -> str:
    """Whether the list was better than who did not order for 90 days, where the intervals lie apart."""
    said = f"of who did not order for 90 days {percent(plain['left'])}"
    if None in (early["left_low"], plain["left_low"]):
        return said
    if early["left_low"] > plain["left_high"]:
        return f"{said}, clearly fewer"
    if early["left_high"] < plain["left_low"]:
        return f"{said}, clearly more"
    return f"{said}, no clear difference"


def _all(month: Outlook) -> str:
    every = next(where(month.warned, by=ALL), None)
    return FEW if every is None or every["customers"] is None else f"about {every['customers']:,}"
